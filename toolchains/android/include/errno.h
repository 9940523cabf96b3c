// musl's, but errno where bionic keeps it.
#include_next <errno.h>
#ifdef __cplusplus
extern "C"
#endif
int* __errno(void);
#undef errno
#define errno (*__errno())
