package builder

// Action is what the kernel does with a call.
type Action struct {
	text string
	data any // what stands in parentheses, or nil
}

// The actions without data. Deny is errno EPERM, Kill is the whole process.
var (
	Allow      = Action{text: "allow"}
	Log        = Action{text: "log"}
	Deny       = Action{text: "deny"}
	Trap       = Action{text: "trap"}
	Notify     = Action{text: "notify"}
	Kill       = Action{text: "kill"}
	KillThread = Action{text: "kill_thread"}
)

// Errno has the call fail with an errno, a name or a number from 0 to 4095.
func Errno(e any) Action { return Action{"deny", e} }

// TrapWith sends SIGSYS with data from 0 to 65535 in si_errno.
func TrapWith(data uint16) Action { return Action{"trap", data} }

// Trace asks a tracer, with data from 0 to 65535.
func Trace(data uint16) Action { return Action{"trace", data} }

func (p *Policy) action(a Action) string {
	if a.text == "" {
		p.fail(errNoAction)
		return "kill"
	}
	if a.data == nil {
		return a.text
	}
	data, err := value(a.data)
	if err != nil {
		p.fail(err)
	}
	return a.text + "(" + data + ")"
}
