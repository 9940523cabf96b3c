// What every library and program begins with, for toolchains/android.cmake. CMake links programs to see what works, and runs none.
#ifdef PROGRAM
int main(void);
void _start(void) { main(); }
#endif

// By this address a library is known when it is unloaded.
__attribute__((visibility("hidden"))) void* __dso_handle = &__dso_handle;
