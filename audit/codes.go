package audit

import "github.com/seccompc/seccompc/diag"

// Code is a kind of finding: its severity never changes.
type Code struct {
	Name     string
	Severity diag.Severity
	Doc      string // what it means, one sentence
}

// The codes of findings, but for those of dangers.txt.
const (
	NotJudged     = "not-judged"
	ArchUnchecked = "arch-unchecked"
	ABIDoor       = "abi-door"
	X32Door       = "x32-door"
	MismatchOpen  = "mismatch-open"
	GetsPast      = "gets-past"
	TooWide       = "too-wide"
	Bypass        = "bypass"
	EnumAsFlags   = "enum-as-flags"
	NoFallback    = "no-fallback"
	StopsNothing  = "stops-nothing"
	UnknownOpen   = "unknown-open"
	UnknownErrno  = "unknown-errno"
)

// own are the codes of everything but dangerous calls.
var own = []Code{
	{NotJudged, diag.Error, "The filter, or a part of it, is too complex or runs off its end, so " +
		"that it is not known what the calls get that come there."},
	{ArchUnchecked, diag.Error, "The filter does not look at `arch`: its numbers mean other " +
		"calls to callers of the machine's other ABIs."},
	{ABIDoor, diag.Error, "A call that the machine's own ABI stops gets through by another one " +
		"that the same kernel serves: by `int $0x80` on x86_64, by a 32-bit program on arm64, by " +
		"another ABI's numbers on MIPS."},
	{GetsPast, diag.Error, "A call that is stopped gets through with other bits of an argument, " +
		"which the kernel does not read: the filter compares more of it than counts."},
	{X32Door, diag.Warning, "The same as `abi-door`, by x32's numbers, which few kernels serve."},
	{MismatchOpen, diag.Warning, "Callers with an `arch` of no known ABI get through."},
	{Bypass, diag.Warning, "A call that does the same as one that a rule stops is open."},
	{EnumAsFlags, diag.Warning, "Bits of an argument are tested that is one of several values."},
	{NoFallback, diag.Warning, "A newer call is refused otherwise than by ENOSYS, though callers " +
		"would take an older one then."},
	{StopsNothing, diag.Warning, "No call is stopped on any ABI that was judged."},
	{UnknownOpen, diag.Warning, "Numbers that no table holds get through: calls of newer kernels."},
	{TooWide, diag.Remark, "A call that is let through is stopped with other bits of an " +
		"argument, which the kernel does not read."},
	{UnknownErrno, diag.Remark, "Numbers that no table holds get something else than ENOSYS, by " +
		"which programs tell that a call is not there."},
}

// Codes returns all codes, the worst first.
func Codes() []Code {
	var out []Code
	for _, severity := range []diag.Severity{diag.Error, diag.Warning, diag.Remark} {
		for _, c := range own {
			if c.Severity == severity {
				out = append(out, c)
			}
		}
		for _, d := range dangerLines() {
			if d.severity == severity {
				out = append(out, Code{d.code, severity, "Let through: " + d.what + "."})
			}
		}
	}
	return out
}

// Lookup returns the code of a name.
func Lookup(name string) (Code, bool) {
	for _, c := range Codes() {
		if c.Name == name {
			return c, true
		}
	}
	return Code{}, false
}
