package runtime

// Feature is something that a kernel may or may not offer to filters.
type Feature struct {
	Name  string // as the policy language or this package's API calls it
	Since string // the first Linux that has it
	Loss  string // what one does without

	kind  featureKind
	value uint32
}

type featureKind uint8

const (
	actionFeature featureKind = iota // value is SECCOMP_RET_*
	flagFeature                      // value is SECCOMP_FILTER_FLAG_*
)

// Features returns what [Supported] can ask about: every action and every flag of Linux 6.18.
func Features() []Feature {
	return []Feature{
		{"kill", "4.14", "kill ends the thread that made the call, and the others go on",
			actionFeature, 0x80000000},
		{"kill_thread", "3.5", "there are no filters at all", actionFeature, 0x00000000},
		{"trap", "3.5", "there are no filters at all", actionFeature, 0x00030000},
		{"deny", "3.5", "there are no filters at all", actionFeature, 0x00050000},
		{"notify", "5.0", "no supervisor can answer calls; filters with notify kill",
			actionFeature, 0x7fc00000},
		{"trace", "3.5", "there are no filters at all", actionFeature, 0x7ff00000},
		{"log", "4.14", "no trial runs; filters with log kill", actionFeature, 0x7ffc0000},
		{"allow", "3.5", "there are no filters at all", actionFeature, 0x7fff0000},
		{"Process", "3.17", "only one thread at a time, which is no use to Go programs",
			flagFeature, 1},
		{"Log", "4.14", "denied calls leave no record, except kills", flagFeature, uint32(Log)},
		{"SpecAllow", "4.17", "older kernels slow confined threads down", flagFeature,
			uint32(SpecAllow)},
		{"InstallListener", "5.0", "no supervisor can answer calls", flagFeature, uint32(listener)},
		{"Process with listener", "5.7", "a listener for one thread or a child only", flagFeature,
			16},
		{"WaitKillable", "5.19", "Go's SIGURG interrupts calls that a supervisor is answering",
			flagFeature, uint32(WaitKillable)},
	}
}
