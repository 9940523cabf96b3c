# WebAssembly with 128-bit vectors, by Emscripten as Debian packages it (or an emsdk whose root is in EMSCRIPTEN_ROOT).
# Every browser since 2021 (Safari since 2023) has these vectors; there is no other module for those that do not.
if(DEFINED ENV{EMSCRIPTEN_ROOT})
  set(emscripten $ENV{EMSCRIPTEN_ROOT})
else()
  set(emscripten /usr/share/emscripten)
endif()
set(EMSCRIPTEN_SYSTEM_PROCESSOR wasm32)  # CMAKE_SYSTEM_PROCESSOR would be x86 otherwise
include(${emscripten}/cmake/Modules/Platform/Emscripten.cmake)
add_compile_options(-msimd128)
set(CMAKE_INCLUDE_PATH /usr/include)  # for the header-only libraries, which deps.cmake links to one by one
