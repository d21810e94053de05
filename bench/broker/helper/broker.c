/*
 * broker FILTER PROGRAM ARGUMENT...: starts a program under a filter and answers what it asks, in one
 * loop, as the kernel's samples do, with the flag by which caller and broker take turns on a processor.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SET_FLAGS _IOW('!', 4, uint64_t) /* SECCOMP_IOCTL_NOTIF_SET_FLAGS of 6.6 */

static void ended(int signal)
{
	int status;
	(void)signal;
	_exit(wait(&status) > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 2);
}

/* Passes a descriptor to the other side, or takes one where it is negative. */
static int pass(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec data = {&byte, 1};
	struct msghdr m = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	if (fd < 0)
		return recvmsg(socket, &m, 0) == 1 ? *(int *)CMSG_DATA(c) : -1;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(socket, &m, 0) == 1 ? 0 : -1;
}

static int begin(char **argv, int socket)
{
	static struct sock_filter code[4096];
	int file = open(argv[1], O_RDONLY | O_CLOEXEC);
	long size = file < 0 ? -1 : read(file, code, sizeof(code));
	struct sock_fprog program = {.len = size / sizeof(code[0]), .filter = code};
	int fd;
	if (size <= 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 2;
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (fd < 0 || pass(socket, fd))
		return 2;
	close(fd);
	close(socket);
	execv(argv[2], argv + 2);
	return 2;
}

int main(int argc, char **argv)
{
	int sockets[2], fd;
	struct seccomp_notif call;
	if (argc < 3 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		return 2;
	signal(SIGCHLD, ended);
	if (fork() == 0)
		return begin(argv, sockets[1]);
	if ((fd = pass(sockets[0], -1)) < 0)
		return 2;
	ioctl(fd, SET_FLAGS, 1ul); /* the kernel may not know it */
	for (;;) {
		struct seccomp_notif_resp answer = {0};
		memset(&call, 0, sizeof(call));
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &call))
			continue;
		answer.id = call.id;
		answer.val = 7;
		ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}
