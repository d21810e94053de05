// Makes filters with the installed libseccomp, for the tests: reads lines of words from standard input,
// writes each filter, with its length in bytes before it, or a negative errno in place of that.
//
//	new DEFAULT | arch NAME | only NAME | rule ACTION NAME [INDEX OP A B]... | end
#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int rule(scmp_filter_ctx ctx, char *rest)
{
	struct scmp_arg_cmp args[6];
	unsigned int n = 0;
	uint32_t action = strtoul(strtok(rest, " \n"), NULL, 0);
	int nr = seccomp_syscall_resolve_name(strtok(NULL, " \n"));
	char *word;

	if (nr == __NR_SCMP_ERROR)
		return 0;
	while ((word = strtok(NULL, " \n")) && n < 6) {
		args[n].arg = strtoul(word, NULL, 0);
		args[n].op = strtoul(strtok(NULL, " \n"), NULL, 0);
		args[n].datum_a = strtoull(strtok(NULL, " \n"), NULL, 0);
		args[n].datum_b = strtoull(strtok(NULL, " \n"), NULL, 0);
		n++;
	}
	return seccomp_rule_add_array(ctx, action, nr, n, args);
}

static void end(scmp_filter_ctx ctx, int err)
{
	static char code[1 << 20];
	FILE *tmp = tmpfile();
	int64_t length = err;

	if (!err && !(err = seccomp_export_bpf(ctx, fileno(tmp)))) {
		length = lseek(fileno(tmp), 0, SEEK_END);
		lseek(fileno(tmp), 0, SEEK_SET);
		if (read(fileno(tmp), code, sizeof(code)) != length)
			exit(1);
	}
	fwrite(&length, sizeof(length), 1, stdout);
	if (length > 0)
		fwrite(code, 1, length, stdout);
	fflush(stdout);
	fclose(tmp);
	seccomp_release(ctx);
}

int main(void)
{
	static char line[65536];
	scmp_filter_ctx ctx = NULL;
	int err = 0;

	while (fgets(line, sizeof(line), stdin)) {
		char *rest = strchr(line, ' ');
		if (!strncmp(line, "new ", 4)) {
			ctx = seccomp_init(strtoul(rest, NULL, 0));
			err = 0;
		} else if (!strncmp(line, "arch ", 5)) {
			err = err ? err : seccomp_arch_add(ctx, seccomp_arch_resolve_name(strtok(rest, " \n")));
		} else if (!strncmp(line, "only ", 5)) {
			uint32_t arch = seccomp_arch_resolve_name(strtok(rest, " \n"));
			if (arch != seccomp_arch_native()) {
				err = err ? err : seccomp_arch_add(ctx, arch);
				err = err ? err : seccomp_arch_remove(ctx, seccomp_arch_native());
			}
		} else if (!strncmp(line, "rule ", 5)) {
			err = err ? err : rule(ctx, rest);
		} else {
			end(ctx, err);
		}
	}
	return 0;
}
