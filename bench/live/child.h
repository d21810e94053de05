#include <stdint.h>

enum { PROBES = 3, BATCHES = 7, CALLS = 1000 };

struct probe {
	int64_t nr; /* -1: none */
	uint64_t args[6];
};

/* In memory that parent and child share. */
struct results {
	int64_t done, error;
	double bare[PROBES][BATCHES];     /* nanoseconds a call, before there is a filter */
	double filtered[PROBES][BATCHES]; /* and under it */
};

struct sock_filter;
void measure(struct results *out, struct sock_filter *filter, int len, int times,
	     const struct probe *probes);
