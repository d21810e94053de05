/* Written by hand: what an agent may not do. x86_64. */
static struct sock_filter filter[] = {
	{ 0x20, 0, 0, 4 },          /* ld   arch                                  */
	{ 0x15, 1, 0, 0xc000003e }, /* jeq  AUDIT_ARCH_X86_64                     */
	{ 0x06, 0, 0, 0x80000000 }, /* ret  kill_process                          */
	{ 0x20, 0, 0, 0 },          /* ld   nr                                    */
	{ 0x15, 7, 0, 101 },        /* jeq  ptrace                                */
	{ 0x15, 6, 0, 165 },        /* jeq  mount                                 */
	{ 0x15, 2, 0, 272 },        /* jeq  unshare                               */
	{ 0x15, 3, 0, 317 },        /* jeq  seccomp                               */
	{ 0x06, 0, 0, 0x7fff0000 }, /* ret  allow                                 */
	{ 0x20, 0, 0, 16 },         /* ld   args[0]                               */
	{ 0x45, 1, 2, 0x10000000 }, /* jset CLONE_NEWUSER                         */
	{ 0x20, 0, 0, 16 },         /* ld   args[0], never compared               */
	{ 0x06, 0, 0, 0x00050001 }, /* ret  errno(EPERM)                          */
	{ 0x06, 0, 0, 0x7fff0000 }, /* ret  allow                                 */
};
