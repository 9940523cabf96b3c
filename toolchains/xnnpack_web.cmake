# XNNPACK for WebAssembly, unpatched. Its CMakeLists.txt knows no such processor (its Bazel build does), so its lists of sources are
# read here: those of vector code from cmake/gen, as they are meant to be; the few others by name. Only what the fully connected
# operators need is compiled, an eighth of the whole.
#
# Gives XNNPACK, microkernels-prod, cpuinfo and pthreadpool, as pbert_add_xnnpack() does elsewhere. Called in its scope.

set(include ${xnnpack_SOURCE_DIR}/include ${xnnpack_SOURCE_DIR}/src ${PTHREADPOOL_SOURCE_DIR}/include ${FXDIV_SOURCE_DIR}/include
  ${CPUINFO_SOURCE_DIR}/include)

foreach(set scalar wasm wasmsimd)
  include(${xnnpack_SOURCE_DIR}/cmake/gen/${set}_microkernels.cmake)
endforeach()
set(kernels ${PROD_SCALAR_MICROKERNEL_SRCS} ${PROD_WASM_MICROKERNEL_SRCS} ${PROD_WASMSIMD_MICROKERNEL_SRCS})
# Matrix products and what packs their weights and inputs.
list(FILTER kernels INCLUDE REGEX "gemm|packw|packq|packx")
list(TRANSFORM kernels PREPEND ${xnnpack_SOURCE_DIR}/)
add_library(microkernels-prod STATIC EXCLUDE_FROM_ALL ${kernels})
target_compile_options(microkernels-prod PRIVATE -fno-math-errno)

set(sources)
foreach(file allocator cache datatype indirection init log memory microkernel-utils microparams-init mutex normalization params
    operator-delete operator-run operator-utils operators/fully-connected-nc configs/gemm-config configs/hardware-config
    configs/pack-lh-config enums/allocation-type enums/datatype-strings enums/microkernel-type enums/node-type enums/operator-type)
  list(APPEND sources ${xnnpack_SOURCE_DIR}/src/${file}.c)
endforeach()
add_library(XNNPACK STATIC EXCLUDE_FROM_ALL ${sources} ${xnnpack_SOURCE_DIR}/src/reference/packing.cc)
target_link_libraries(XNNPACK PUBLIC pthreadpool PRIVATE microkernels-prod)

set(sources init api cache log emscripten/init)
list(TRANSFORM sources REPLACE "(.+)" "${CPUINFO_SOURCE_DIR}/src/\\1.c")
add_library(cpuinfo STATIC EXCLUDE_FROM_ALL ${sources})
target_include_directories(cpuinfo PRIVATE ${CPUINFO_SOURCE_DIR}/src)
target_compile_definitions(cpuinfo PRIVATE CPUINFO_LOG_LEVEL=0 CPUINFO_LOG_TO_STDIO=0)

# The pool's interface over plain loops: there is one thread.
add_library(pthreadpool STATIC EXCLUDE_FROM_ALL ${PTHREADPOOL_SOURCE_DIR}/src/shim.c)

foreach(target XNNPACK microkernels-prod cpuinfo pthreadpool)
  target_include_directories(${target} SYSTEM PUBLIC ${include})
  target_compile_options(${target} PRIVATE -w -O2)
  target_compile_definitions(${target} PRIVATE XNN_LOG_LEVEL=0 XNN_ENABLE_ASSEMBLY=0 XNN_ENABLE_JIT=0 XNN_ENABLE_SPARSE=0
    XNN_ENABLE_MEMOPT=0 XNN_ENABLE_KLEIDIAI=0 XNN_ENABLE_CPUINFO=0 XNN_ENABLE_DWCONV_MULTIPASS=0 XNN_ENABLE_GEMM_M_SPECIALIZATION=0)
  set_target_properties(${target} PROPERTIES C_STANDARD 11 CXX_STANDARD 17)
endforeach()
