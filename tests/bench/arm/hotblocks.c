/* A plugin for qemu's user emulation that counts how often each translated block ran and keeps the block's instructions.
 *
 *   qemu-aarch64 -plugin ./blocks.so,out=FILE PROGRAM …
 *
 * FILE gets a line for each block that ran: its address, how often it ran, and its instruction words, all in hexadecimal. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Debian has no package with qemu's plugin header, so the part of the interface that is used here is declared by hand. The version
 * is that of the first interface; qemu refuses to load a plugin whose version it no longer speaks. */
typedef uint64_t plugin_id;
struct qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*translated)(plugin_id, struct qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb* tb, enum qemu_plugin_op op, void* counter, uint64_t step);
void qemu_plugin_register_atexit_cb(plugin_id id, void (*at_exit)(plugin_id, void*), void* data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* tb);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* tb, size_t index);
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn* instruction);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb* tb);

#define EXPORTED __attribute__((visibility("default")))
EXPORTED int qemu_plugin_version = 1;

enum { BUCKETS = 1 << 16, MOST_INSTRUCTIONS = 4096 };

struct block {
  struct block* next;
  uint64_t address;
  uint64_t runs;
  size_t length;
  uint32_t words[];
};

static struct block* buckets[BUCKETS];
static char* out_path;

/* qemu drops its translations now and then and makes them anew; a block that comes back must go on with its old counter. */
static struct block* find_or_add(uint64_t address, const uint32_t* words, size_t length) {
  struct block** bucket = &buckets[(address >> 2) % BUCKETS];
  for (struct block* known = *bucket; known; known = known->next) {
    if (known->address == address && known->length == length && !memcmp(known->words, words, length * sizeof *words)) return known;
  }
  struct block* added = malloc(sizeof *added + length * sizeof *words);
  if (!added) abort();
  added->next = *bucket;
  added->address = address;
  added->runs = 0;
  added->length = length;
  memcpy(added->words, words, length * sizeof *words);
  *bucket = added;
  return added;
}

/* qemu calls this with its translation lock held, so no lock of our own is needed. The counter is not atomic, which is exact for
 * programs that compute on one thread, as those counted here do, and several times faster than a call for each block. */
static void count_from_now(plugin_id id, struct qemu_plugin_tb* tb) {
  (void)id;
  uint32_t words[MOST_INSTRUCTIONS];
  size_t length = qemu_plugin_tb_n_insns(tb);
  if (length > MOST_INSTRUCTIONS) abort();
  for (size_t i = 0; i < length; i++) {
    memcpy(&words[i], qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, i)), sizeof *words);
  }
  struct block* block = find_or_add(qemu_plugin_tb_vaddr(tb), words, length);
  qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &block->runs, 1);
}

static void write_counts(plugin_id id, void* unused) {
  (void)id;
  (void)unused;
  FILE* out = fopen(out_path, "w");
  if (!out) {
    perror(out_path);
    return;
  }
  for (size_t i = 0; i < BUCKETS; i++) {
    for (const struct block* block = buckets[i]; block; block = block->next) {
      if (!block->runs) continue;
      fprintf(out, "%" PRIx64 " %" PRIx64, block->address, block->runs);
      for (size_t k = 0; k < block->length; k++) fprintf(out, " %08" PRIx32, block->words[k]);
      fputc('\n', out);
    }
  }
  if (fclose(out)) perror(out_path);
}

EXPORTED int qemu_plugin_install(plugin_id id, const struct qemu_info_t* info, int argc, char** argv) {
  (void)info;
  for (int i = 0; i < argc; i++) {
    if (!strncmp(argv[i], "out=", 4)) out_path = strdup(argv[i] + 4);
  }
  if (!out_path) {
    fputs("hotblocks: say where the counts go: out=FILE\n", stderr);
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, count_from_now);
  qemu_plugin_register_atexit_cb(id, write_counts, NULL);
  return 0;
}
