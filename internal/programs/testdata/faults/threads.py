# 200 threads, a timer that never rests, and a child that is stopped and goes on.
import os, signal, threading, time
ran = []
def job(n):
    for _ in range(20): os.getppid()
    ran.append(n)
threads = [threading.Thread(target=job, args=(n,)) for n in range(200)]
for t in threads: t.start()
for t in threads: t.join()
print(len(ran), 'threads')
ticks = []
signal.signal(signal.SIGALRM, lambda *a: ticks.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
end = time.monotonic() + 0.3
while time.monotonic() < end: os.getppid()
signal.setitimer(signal.ITIMER_REAL, 0)
print('ticks', len(ticks) > 10)
child = os.fork()
if child == 0:
    time.sleep(0.3); os._exit(7)
os.kill(child, signal.SIGSTOP); time.sleep(0.1); os.kill(child, signal.SIGCONT)
print('stopped child', os.waitpid(child, 0)[1] >> 8)
