// musl's. Before API level 23 bionic's streams have no names of their own.
#include_next <stdio.h>
#if __ANDROID_API__ < 23
extern struct __sFILE { char bytes[sizeof(long) == 8 ? 152 : 84]; } __sF[];
#undef stdin
#undef stdout
#undef stderr
#define stdin ((FILE*)&__sF[0])
#define stdout ((FILE*)&__sF[1])
#define stderr ((FILE*)&__sF[2])
#endif
