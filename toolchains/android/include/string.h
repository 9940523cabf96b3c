// musl's. From API level 23 on, bionic's strerror_r is glibc's for those who ask for GNU's functions, as every program in C++ does.
#define strerror_r posix_strerror_r
#include_next <string.h>
#undef strerror_r
#ifdef __cplusplus
extern "C" {
#endif
#if defined(_GNU_SOURCE) && __ANDROID_API__ >= 23
char* strerror_r(int error, char* buffer, size_t size) __asm__("__gnu_strerror_r");
#else
int strerror_r(int error, char* buffer, size_t size);
#endif
#ifdef __cplusplus
}
#endif
