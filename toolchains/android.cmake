# Android, on a machine that has no NDK: to check that the library compiles, links and has the right shape. Nothing made with it
# ships, as its C++ library is a few lines long (toolchains/android/setup.sh). What ships is made with the NDK's own file:
#   cmake -DCMAKE_TOOLCHAIN_FILE=…/build/cmake/android.toolchain.cmake -DANDROID_ABI=arm64-v8a -DANDROID_PLATFORM=android-21
# This one takes the same ANDROID_ABI and ANDROID_PLATFORM, sets the same names and gives the compiler and the linker the same flags
# (but -g and _FORTIFY_SOURCE), so that our CMake files see no difference.
set(ANDROID_ABI arm64-v8a CACHE STRING "arm64-v8a, armeabi-v7a or x86_64")
set(ANDROID_PLATFORM android-21 CACHE STRING "The oldest Android that is to load the library")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ANDROID_ABI ANDROID_PLATFORM)
string(REPLACE "android-" "" ANDROID_PLATFORM_LEVEL ${ANDROID_PLATFORM})

set(ANDROID TRUE)
set(CMAKE_SYSTEM_NAME Android)
set(CMAKE_SYSTEM_VERSION 1)  # CMake's word for a toolchain file that needs none of its help in finding an NDK
set(CMAKE_ANDROID_ARCH_ABI ${ANDROID_ABI})

set(flags "-DANDROID -fdata-sections -ffunction-sections -funwind-tables -fstack-protector-strong -Wformat -Werror=format-security")
if(ANDROID_ABI STREQUAL arm64-v8a)
  set(CMAKE_SYSTEM_PROCESSOR aarch64)
  set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-android)
  set(target aarch64-none-linux-android)
  string(APPEND flags " -mno-outline-atomics")  # an NDK has the functions that those call
elseif(ANDROID_ABI STREQUAL armeabi-v7a)
  set(CMAKE_SYSTEM_PROCESSOR armv7-a)
  set(CMAKE_LIBRARY_ARCHITECTURE arm-linux-androideabi)
  set(target armv7-none-linux-androideabi)
  string(APPEND flags " -march=armv7-a -mthumb")
elseif(ANDROID_ABI STREQUAL x86_64)
  set(CMAKE_SYSTEM_PROCESSOR x86_64)
  set(CMAKE_LIBRARY_ARCHITECTURE x86_64-linux-android)
  set(target x86_64-none-linux-android)
else()
  message(FATAL_ERROR "ANDROID_ABI=${ANDROID_ABI}: not one of arm64-v8a, armeabi-v7a and x86_64")
endif()

if(DEFINED ENV{XDG_CACHE_HOME})
  set(native $ENV{XDG_CACHE_HOME}/pocketbert/android/native)
else()
  set(native $ENV{HOME}/.cache/pocketbert/android/native)
endif()
if(NOT EXISTS ${native}/wanted)
  message(FATAL_ERROR "${native}: not there; run toolchains/android/setup.sh")
endif()
set(CMAKE_SYSROOT ${native}/sysroot)
set(CMAKE_FIND_ROOT_PATH ${native})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

foreach(language C CXX ASM)
  set(CMAKE_${language}_COMPILER ${native}/bin/clang)
  set(CMAKE_${language}_COMPILER_TARGET ${target}${ANDROID_PLATFORM_LEVEL})
  set(CMAKE_${language}_FLAGS_INIT "-resource-dir=${native}/clang ${flags}")
endforeach()
set(CMAKE_CXX_COMPILER ${native}/bin/clang++)
string(APPEND CMAKE_CXX_FLAGS_INIT " -D_LIBCPP_PROVIDES_DEFAULT_RUNE_TABLE")  # libc++ would look for bionic's
set(CMAKE_AR ${native}/bin/llvm-ar CACHE FILEPATH "Archiver")
set(CMAKE_RANLIB ${native}/bin/llvm-ranlib CACHE FILEPATH "Ranlib")
set(CMAKE_STRIP ${native}/bin/llvm-strip CACHE FILEPATH "Strip")

foreach(kind SHARED MODULE EXE)
  set(CMAKE_${kind}_LINKER_FLAGS_INIT "-rtlib=compiler-rt -unwindlib=libunwind -static-libstdc++ -Wl,--build-id=sha1 -Wl,--no-rosegment -Wl,--no-undefined-version \
-Wl,--fatal-warnings -Wl,--no-undefined -Qunused-arguments")
endforeach()
set(CMAKE_C_STANDARD_LIBRARIES_INIT "-latomic -lm")
set(CMAKE_CXX_STANDARD_LIBRARIES_INIT "-latomic -lm")
