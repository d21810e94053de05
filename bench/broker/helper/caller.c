/* caller THREADS CALLS: that many calls by that many threads; prints the nanoseconds that they took. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pthread_barrier_t begin;
static long each;

static void *work(void *unused)
{
	pthread_barrier_wait(&begin);
	for (long i = 0; i < each; i++)
		if (syscall(SYS_getpgid, 1 << 30) != 7)
			exit(1);
	return unused;
}

int main(int argc, char **argv)
{
	int threads = argc == 3 ? atoi(argv[1]) : 0;
	pthread_t thread[256];
	struct timespec from, to;
	if (threads < 1 || threads > 256)
		return 2;
	each = atol(argv[2]) / threads;
	pthread_barrier_init(&begin, NULL, threads + 1);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, work, NULL))
			return 2;
	clock_gettime(CLOCK_MONOTONIC, &from);
	pthread_barrier_wait(&begin);
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%lld\n", (to.tv_sec - from.tv_sec) * 1000000000ll + to.tv_nsec - from.tv_nsec);
	return 0;
}
