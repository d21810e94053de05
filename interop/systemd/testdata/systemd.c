// Makes filters with the installed libsystemd-shared, for the tests: reads lines of words from standard
// input and writes each filter that would be loaded, with its length in bytes before it, and at the end
// of each line 0xffffffff and what the function returned.
//
//	restrict NAME [NUMBER] | families allow|deny NUMBER... | set NAME | archs NUMBER... |
//	item FLAGS ERRNO NAME | load DEFAULT ACTION
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *lib;

static void *sym(const char *name)
{
	void *p = dlsym(lib, name);
	if (!p) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
	return p;
}

// The library calls this in place of libseccomp's.
int seccomp_load(const scmp_filter_ctx ctx)
{
	char buf[4096 * 8];
	int fd = memfd_create("bpf", 0), r = seccomp_export_bpf(ctx, fd);
	ssize_t n = r < 0 ? r : pread(fd, buf, sizeof buf, 0);
	uint32_t len = n;

	close(fd);
	if (n < 0)
		return n;
	fwrite(&len, sizeof len, 1, stdout);
	fwrite(buf, 1, len, stdout);
	return 0;
}

static void *make(const char *name)
{
	void *(*f)(const void *) = dlsym(lib, name); // with a _ before systemd 262
	return (f ? f : (void *(*)(const void *))sym(name + 1))(NULL);
}

static int restricted(const char *name, char *arg)
{
	unsigned long n = arg ? strtoul(arg, NULL, 0) : 0;
	char full[100];

	snprintf(full, sizeof full, "seccomp_%s", name);
	if (!strcmp(name, "restrict_realtime") && !dlsym(lib, full)) {
		strcat(full, "_full");
		n = EPERM;
	}
	return ((int (*)(unsigned long))sym(full))(n);
}

static int numbers(void *set, unsigned long more)
{
	int (*put)(void *, const void *) = sym("set_put");
	char *word;
	while ((word = strtok(NULL, " \n")))
		put(set, (void *)(strtoul(word, NULL, 0) + more));
	return 0;
}

int main(int argc, char **argv)
{
	static char line[1 << 16];
	void *list = NULL;
	void **load;

	lib = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
	if (argc < 2 || !lib) {
		fprintf(stderr, "%s\n", dlerror());
		return 2;
	}
	if (dlsym(lib, "dlopen_libseccomp")) {
		((int (*)(int))sym("dlopen_libseccomp"))(7);
		load = sym("sym_seccomp_load");
		*load = (void *)seccomp_load;
	}
	while (fgets(line, sizeof line, stdin)) {
		char *word = strtok(line, " \n");
		uint32_t end = 0xffffffff;
		int32_t r = 0;

		if (!strcmp(word, "restrict")) {
			word = strtok(NULL, " \n");
			r = restricted(word, strtok(NULL, " \n"));
		} else if (!strcmp(word, "families")) {
			int allow = !strcmp(strtok(NULL, " \n"), "allow");
			void *set = make("_set_new");
			numbers(set, 0);
			r = ((int (*)(void *, int))sym("seccomp_restrict_address_families"))(set, allow);
		} else if (!strcmp(word, "archs")) {
			void *set = make("_set_new");
			numbers(set, 1);
			r = ((int (*)(void *))sym("seccomp_restrict_archs"))(set);
		} else if (!strcmp(word, "set")) {
			const void *(*find)(const char *) = sym("syscall_filter_set_find");
			const void *set = find(strtok(NULL, " \n"));
			r = ((int (*)(uint32_t, const void *, uint32_t, int))sym("seccomp_load_syscall_filter_set"))(
				SCMP_ACT_ALLOW, set, SCMP_ACT_ERRNO(EPERM), 0);
		} else if (!strcmp(word, "item")) {
			int flags = atoi(strtok(NULL, " \n")), num = atoi(strtok(NULL, " \n"));
			if (!list)
				list = make("_hashmap_new");
			r = ((int (*)(const char *, int, void *, int, const char *, const char *, unsigned))sym(
				"seccomp_parse_syscall_filter"))(strtok(NULL, " \n"), num, list, flags, NULL, NULL, 0);
		} else if (!strcmp(word, "load")) {
			uint32_t def = strtoul(strtok(NULL, " \n"), NULL, 0), action = strtoul(strtok(NULL, " \n"), NULL, 0);
			r = ((int (*)(uint32_t, void *, uint32_t, int))sym("seccomp_load_syscall_filter_set_raw"))(
				def, list, action, 0);
			list = NULL;
		}
		fwrite(&end, sizeof end, 1, stdout);
		fwrite(&r, sizeof r, 1, stdout);
		fflush(stdout);
	}
	return 0;
}
