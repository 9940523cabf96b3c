# 64-bit ARM with Debian's cross compiler: static, so that qemu-user and any board run the programs as they are.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

# Tests run on a core with dot products (Raspberry Pi 5). Where kernels are chosen they run on one without (Raspberry Pi 3) and on one
# with i8mm (phones since 2022) too, and on that one as if it were each of the other two.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static -cpu cortex-a76)
set(POCKETBERT_OTHER_EMULATED cortex-a53 max max,neondot max,neon)
