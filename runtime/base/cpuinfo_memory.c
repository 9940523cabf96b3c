/* Where cpuinfo keeps what it finds out: in a block that is always there, and only beyond it in the heap.
 *
 * cpuinfo looks at the CPU once in a process and remembers a failure for ever. A process that is short of memory at
 * that moment would be told that its CPU is not supported, then and later; with this it is not. cpuinfo's sources are
 * compiled with `calloc` and `free` defined as these, and call them one thread at a time. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define CPUINFO_BLOCK_BYTES (96 * 1024) /* some 400 bytes for each logical processor; touched as far as it is used */

static _Alignas(16) unsigned char block[CPUINFO_BLOCK_BYTES];
static size_t used = 0;
static int lacked_memory = 0;

void* cpuinfo_calloc(size_t count, size_t size);
void cpuinfo_free(void* memory);
int cpuinfo_lacked_memory(void);

static void* from_heap(size_t count, size_t size) {
  void* memory = calloc(count, size);
  if (memory == NULL) lacked_memory = 1;
  return memory;
}

void* cpuinfo_calloc(size_t count, size_t size) {
  if (count != 0 && size > (CPUINFO_BLOCK_BYTES - 15) / count) return from_heap(count, size);
  const size_t bytes = (count * size + 15) / 16 * 16;
  if (bytes > CPUINFO_BLOCK_BYTES - used) return from_heap(count, size);
  void* memory = block + used;
  used += bytes;
  return memory;
}

/* What the block gave stays taken: cpuinfo frees only lists that it needs while it starts. */
void cpuinfo_free(void* memory) {
  const unsigned char* byte = (const unsigned char*)memory;
  if (byte >= block && byte < block + sizeof(block)) return;
  free(memory);
}

/* Whether that is why cpuinfo failed, which it does not say itself. */
int cpuinfo_lacked_memory(void) { return lacked_memory; }
