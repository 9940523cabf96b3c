// musl's, but bionic has another function for what failed.
#include_next <assert.h>
#ifndef NDEBUG
#ifdef __cplusplus
extern "C"
#endif
__attribute__((noreturn)) void __assert2(const char* file, int line, const char* function, const char* condition);
#undef assert
#define assert(condition) ((condition) ? (void)0 : __assert2(__FILE__, __LINE__, __PRETTY_FUNCTION__, #condition))
#endif
