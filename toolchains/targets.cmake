# How a folder of the project becomes a library.

# pbert_folder(base LIBRARIES … [PRIVATE …] [SOURCES …]): the static library pbert_base of all .cc files in and below the current folder,
# whoever adds them, or of SOURCES. A folder without sources is a library of headers. The headers of a PRIVATE library are seen by this
# folder alone.
#
# The files of a folder are compiled several at a time, which takes a fifth of the time as most of it goes into other people's headers;
# POCKETBERT_UNITY=OFF compiles each by itself, as the armv7-linux preset does so that each is seen to include what it uses.
#
# A file of vector code says in its name for which instruction set it is compiled (and nothing but its kernels may stand in it: an
# inline function of the standard library compiled there could be the copy that the linker keeps for everybody).
function(pbert_folder folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES;PRIVATE;SOURCES")
  set(sources ${arg_SOURCES})
  if(NOT sources)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cc)
  endif()
  pbert_set_instruction_sets(sources)
  if(sources)
    add_library(pbert_${folder} STATIC ${sources})
    target_link_libraries(pbert_${folder} PUBLIC ${arg_LIBRARIES} PRIVATE ${arg_PRIVATE} pbert_options)
    target_include_directories(pbert_${folder} PUBLIC ${PROJECT_SOURCE_DIR})
    set_target_properties(pbert_${folder} PROPERTIES ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib
      UNITY_BUILD ${POCKETBERT_UNITY} UNITY_BUILD_BATCH_SIZE 24)
  else()
    add_library(pbert_${folder} INTERFACE)
    target_link_libraries(pbert_${folder} INTERFACE ${arg_LIBRARIES})
    target_include_directories(pbert_${folder} INTERFACE ${PROJECT_SOURCE_DIR})
  endif()
endfunction()

set(avx2 -mavx2 -mfma -mf16c)
set(avx512 ${avx2} -mavx512f -mavx512bw -mavx512vl -mavx512dq)
set(POCKETBERT_wasm_wasmsimd -msimd128)
set(POCKETBERT_x86_sse2 -msse2)
set(POCKETBERT_x86_avx2 ${avx2})
set(POCKETBERT_x86_avxvnni ${avx2} -mavxvnni)
set(POCKETBERT_x86_avx512 ${avx512})
set(POCKETBERT_x86_avx512vnni ${avx512} -mavx512vnni)
set(POCKETBERT_arm_neon -mfpu=neon)
set(POCKETBERT_arm64_neon "")
set(POCKETBERT_arm64_neondot -march=armv8.2-a+dotprod)
set(POCKETBERT_arm64_neoni8mm -march=armv8.2-a+dotprod+i8mm)
# For no instruction set: what each target has at least, without contraction, whatever else the flags say. On 32-bit ARM without NEON, whose
# floats are not quite IEEE's and which clang takes for the compiler's own vectors.
if(POCKETBERT_PORTABLE_KERNELS)
  set(POCKETBERT_${POCKETBERT_PROCESSOR}_portable -ffp-contract=off)
  if(POCKETBERT_PROCESSOR STREQUAL arm)
    list(APPEND POCKETBERT_arm_portable -mfpu=vfpv3-d16)
  endif()
endif()

# Gives each file in the list its flags and drops those for another processor.
function(pbert_set_instruction_sets list)
  set(kept ${${list}})
  foreach(source IN LISTS ${list})
    if(source MATCHES "_(sse2|avx2|avxvnni|avx512|avx512vnni|neon|neondot|neoni8mm|wasmsimd|portable)\\.cc$")
      if(DEFINED POCKETBERT_${POCKETBERT_PROCESSOR}_${CMAKE_MATCH_1})
        set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${POCKETBERT_${POCKETBERT_PROCESSOR}_${CMAKE_MATCH_1}}")
      else()
        list(REMOVE_ITEM kept ${source})
      endif()
    endif()
  endforeach()
  set(${list} ${kept} PARENT_SCOPE)
endfunction()
