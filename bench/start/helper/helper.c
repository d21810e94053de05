// helper FILTER PROGRAM installs the filter of a file and becomes the program: the least that a
// helper can do.
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct sock_filter filter[4096];

int main(int argc, char **argv)
{
	if (argc < 3)
		return 125;
	int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	long size = fd < 0 ? -1 : read(fd, filter, sizeof filter);
	struct sock_fprog program = { (unsigned short)(size / 8), filter };
	if (size <= 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) {
		perror("helper");
		return 126;
	}
	execv(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
