// musl's off_t has 64 bits everywhere. Bionic's has 32 on 32-bit processors, and other functions for _FILE_OFFSET_BITS=64.
#include_next <sys/mman.h>
#ifndef __LP64__
#ifdef __cplusplus
extern "C"
#endif
void* mmap(void*, size_t, int, int, int, off_t) __asm__("mmap64");
#endif
