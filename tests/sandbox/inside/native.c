/* What Python can't do: system calls by other doors, and many of them quickly. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
/* getpid among the numbers of the x32 ABI. */
static long x32(void) {
    long got;
    __asm__ volatile("syscall" : "=a"(got) : "a"(0x40000000L + 39) : "rcx", "r11", "memory");
    return got;
}
/* getpid by the door of 32-bit programs. */
static long i386(void) {
    long got;
    __asm__ volatile("int $0x80" : "=a"(got) : "a"(20L) : "r8", "r9", "r10", "r11", "memory");
    return got;
}
#else
static long x32(void) { return -ENOSYS; }
static long i386(void) { return -ENOSYS; }
#endif

static int tell(long got) {
    if (got < 0)
        printf("refused %ld\n", -got);
    else
        printf("pid %ld\n", got);
    return 0;
}

/* Makes empty files until it is refused or there are enough; says how many, and why it stopped. */
static int inodes(const char *folder, long count) {
    char name[4096];
    for (long made = 0; made < count; made++) {
        snprintf(name, sizeof name, "%s/%ld", folder, made);
        if (mknod(name, S_IFREG | 0600, 0) != 0) {
            printf("%ld %s\n", made, strerror(errno));
            return 0;
        }
    }
    printf("%ld\n", count);
    return 0;
}

/* Makes children that only wait, until it is refused or there are enough; then ends them. */
static int forks(long count) {
    long made = 0;
    pid_t *pids = calloc(count, sizeof *pids);
    while (made < count && (pids[made] = fork()) > 0)
        made++;
    if (made < count && pids[made] == 0) {
        for (;;)
            pause();
    }
    if (made < count)
        printf("%ld %s\n", made, strerror(errno));
    else
        printf("%ld\n", made);
    for (long one = 0; one < made; one++) {
        kill(pids[one], SIGKILL);
        waitpid(pids[one], NULL, 0);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "x32") == 0)
        return tell(x32());
    if (argc > 1 && strcmp(argv[1], "i386") == 0)
        return tell(i386());
    if (argc > 3 && strcmp(argv[1], "inodes") == 0)
        return inodes(argv[2], atol(argv[3]));
    if (argc > 2 && strcmp(argv[1], "forks") == 0)
        return forks(atol(argv[2]));
    return 2;
}
