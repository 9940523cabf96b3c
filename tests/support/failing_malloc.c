/* For LD_PRELOAD: of the allocations since main() began the FAIL_AT-th fails and, with FAIL_ALL set, all behind it.
 * COUNT_FILE: how many there were. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* memory, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

static long count, at = -1;
static int all = -1;

static int in_main = 0;
static int (*program_main)(int, char**, char**);

static int begin_main(int count_of_words, char** words, char** environment) {
  in_main = 1;
  const int status = program_main(count_of_words, words, environment);
  in_main = 0;
  return status;
}

int __libc_start_main(int (*main)(int, char**, char**), int count_of_words, char** words, void (*init)(void),
                      void (*fini)(void), void (*loader_fini)(void), void* stack_end) {
  __typeof__(&__libc_start_main) start = (__typeof__(&__libc_start_main))dlsym(RTLD_NEXT, "__libc_start_main");
  program_main = main;
  return start(begin_main, count_of_words, words, init, fini, loader_fini, stack_end);
}

static int fails(void) {
  if (!in_main) return 0;
  if (all < 0) {
    const char* given = getenv("FAIL_AT");
    at = given == NULL ? 0 : atol(given);
    all = getenv("FAIL_ALL") != NULL;
  }
  const long number = __sync_add_and_fetch(&count, 1);
  if (at <= 0 || (number != at && !(all && number > at))) return 0;
  errno = ENOMEM;
  return 1;
}

void* malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void* calloc(size_t n, size_t size) { return fails() ? NULL : __libc_calloc(n, size); }
void* realloc(void* memory, size_t size) { return size != 0 && fails() ? NULL : __libc_realloc(memory, size); }
void* memalign(size_t alignment, size_t size) { return fails() ? NULL : __libc_memalign(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void** memory, size_t alignment, size_t size) {
  void* made = memalign(alignment, size);
  if (made == NULL) return ENOMEM;
  *memory = made;
  return 0;
}

__attribute__((destructor)) static void report(void) {
  const char* path = getenv("COUNT_FILE");
  if (path == NULL) return;
  char text[32];
  const int size = snprintf(text, sizeof(text), "%ld", count);
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0) (void)!write(file, text, (size_t)size);
}
