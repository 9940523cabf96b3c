# The one place where other people's code comes in.
#
# Each source is, in this order: the directory given as -DFETCHCONTENT_SOURCE_DIR_<NAME>=, the directory that toolchains/setup.sh
# filled (POCKETBERT_SOURCES, by default ~/.cache/pocketbert/sources), or a fetch of the pinned commit from GitHub. Packages of the
# distribution are preferred for everything but XNNPACK and its three companions, which have to be of exactly this age.
#
# Gives the targets XNNPACK, cpuinfo, pbert_flatbuffers, pbert_json, pbert_cli11, pbert_doctest, pbert_zip and pbert_yaml.

include(FetchContent)

if(DEFINED ENV{POCKETBERT_SOURCES})
  set(default_sources $ENV{POCKETBERT_SOURCES})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(default_sources $ENV{XDG_CACHE_HOME}/pocketbert/sources)
else()
  set(default_sources $ENV{HOME}/.cache/pocketbert/sources)
endif()
set(POCKETBERT_SOURCES ${default_sources} CACHE PATH "Third-party sources laid out by toolchains/setup.sh")

# Sets <name>_SOURCE_DIR to a directory that holds COMMIT of REPOSITORY, without adding it to the build.
#
# A fetch asks git for that one commit: its name is the hash of its content, so nothing else can come, and XNNPACK's history (ten
# times the size of its files) stays where it is.
function(pbert_source name repository commit)
  string(TOUPPER ${name} upper)
  string(SUBSTRING ${commit} 0 7 short)
  set(override FETCHCONTENT_SOURCE_DIR_${upper})
  if(NOT ${override} AND EXISTS ${POCKETBERT_SOURCES}/${name}-${short})
    set(${override} ${POCKETBERT_SOURCES}/${name}-${short})
  endif()
  if(${override})
    message(STATUS "${name}: ${${override}}")
  else()
    message(STATUS "${name}: fetching ${repository} ${commit}")
  endif()
  FetchContent_Declare(${name}
    DOWNLOAD_COMMAND git init -q <SOURCE_DIR>
    COMMAND git -C <SOURCE_DIR> fetch -q --depth 1 https://github.com/${repository} ${commit}
    COMMAND git -C <SOURCE_DIR> checkout -q FETCH_HEAD
    SOURCE_SUBDIR none)  # no CMakeLists.txt there: MakeAvailable only fetches
  FetchContent_MakeAvailable(${name})
  set(${name}_SOURCE_DIR ${${name}_SOURCE_DIR} PARENT_SCOPE)
endfunction()

# A function, so that what is set for XNNPACK stays with XNNPACK. Its flags are the same in every build directory of one compiler and
# target, whatever our own code is built with: the second directory then comes out of ccache.
function(pbert_add_xnnpack)
  pbert_source(xnnpack google/XNNPACK 4ea82e595b36106653175dcb04b2aa532660d0d8)
  pbert_source(pthreadpool Maratyszcza/pthreadpool 560c60d342a76076f0557a3946924c6478470044)
  pbert_source(fxdiv Maratyszcza/FXdiv b408327ac2a15ec3e43352421954f5b1967701d1)
  pbert_source(cpuinfo pytorch/cpuinfo 877328f188a3c7d1fa855871a278eb48d530c4c0)
  include(toolchains/xnnpack.cmake)
endfunction()

# pbert_header_library(name header repository commit include_dir)
#
# An interface target for a header-only library. An installed one is reached through a link in the build directory, for a cross
# compiler must not see the rest of /usr/include.
function(pbert_header_library name header repository commit include_dir)
  string(TOUPPER ${name} upper)
  find_path(POCKETBERT_${upper}_INCLUDE ${header} NO_CMAKE_FIND_ROOT_PATH)
  mark_as_advanced(POCKETBERT_${upper}_INCLUDE)
  if(POCKETBERT_${upper}_INCLUDE AND NOT FETCHCONTENT_SOURCE_DIR_${upper})
    string(REGEX REPLACE "/.*" "" folder ${header})
    set(include ${PROJECT_BINARY_DIR}/third_party/headers)
    file(MAKE_DIRECTORY ${include})
    file(CREATE_LINK ${POCKETBERT_${upper}_INCLUDE}/${folder} ${include}/${folder} SYMBOLIC)
  else()
    pbert_source(${name} ${repository} ${commit})
    set(include ${${name}_SOURCE_DIR}/${include_dir})
  endif()
  add_library(pbert_${name} INTERFACE)
  target_include_directories(pbert_${name} SYSTEM INTERFACE ${include})
endfunction()

find_package(Threads REQUIRED)
pbert_add_xnnpack()
pbert_header_library(flatbuffers flatbuffers/flatbuffers.h google/flatbuffers 595bf0007ab1929570c7671f091313c8fc20644e include)  # 24.3.25
if(POCKETBERT_BUILD_COMMAND OR POCKETBERT_BUILD_TESTS)
  pbert_header_library(cli11 CLI/CLI.hpp CLIUtils/CLI11 6c7b07a878ad834957b98d0f9ce1dbe0cb204fc9 include)                         # 2.4.2
  pbert_header_library(json nlohmann/json.hpp nlohmann/json 9cca280a4d0ccf0c08f47a99aa71d1b0e52f8d03 include)                    # 3.11.3
endif()
if(POCKETBERT_BUILD_TESTS OR EMSCRIPTEN)  # tests/web needs it too
  pbert_header_library(doctest doctest/doctest.h doctest/doctest ae7a13539fb71f270b87eb2e874fbac80bc8dda2 .)                    # 2.4.11
endif()

# PyTorch's .bin files and zipped data sets are read with libzip. It is not fetched: without it only those files are refused.
# (Debian's libzip-config.cmake wants its command line tools as well, hence no find_package.)
add_library(pbert_zip INTERFACE)
if(NOT CMAKE_CROSSCOMPILING)
  find_path(POCKETBERT_ZIP_INCLUDE zip.h)
  find_library(POCKETBERT_ZIP_LIBRARY zip)
  mark_as_advanced(POCKETBERT_ZIP_INCLUDE POCKETBERT_ZIP_LIBRARY)
endif()
if(POCKETBERT_ZIP_INCLUDE AND POCKETBERT_ZIP_LIBRARY)
  target_include_directories(pbert_zip SYSTEM INTERFACE ${POCKETBERT_ZIP_INCLUDE})
  target_link_libraries(pbert_zip INTERFACE ${POCKETBERT_ZIP_LIBRARY})
  target_compile_definitions(pbert_zip INTERFACE POCKETBERT_HAVE_LIBZIP=1)
else()
  message(STATUS "libzip: not for this target; zipped checkpoints and data sets will be refused")
endif()

# Rasa's training data is YAML, read with yaml-cpp. A package's static library is preferred, so that the command runs where no such
# package is; without a package it is compiled from source. A cross build sees none of the machine's packages and fetches nothing for
# this: unless its source is at hand, the command made there refuses YAML.
function(pbert_add_yaml)
  add_library(pbert_yaml INTERFACE)
  if(NOT CMAKE_CROSSCOMPILING AND NOT FETCHCONTENT_SOURCE_DIR_YAML_CPP)
    find_path(POCKETBERT_YAML_INCLUDE yaml-cpp/yaml.h)
    find_library(POCKETBERT_YAML_LIBRARY NAMES libyaml-cpp.a yaml-cpp)
    mark_as_advanced(POCKETBERT_YAML_INCLUDE POCKETBERT_YAML_LIBRARY)
  endif()
  if(POCKETBERT_YAML_INCLUDE AND POCKETBERT_YAML_LIBRARY AND NOT FETCHCONTENT_SOURCE_DIR_YAML_CPP)
    target_include_directories(pbert_yaml SYSTEM INTERFACE ${POCKETBERT_YAML_INCLUDE})
    target_link_libraries(pbert_yaml INTERFACE ${POCKETBERT_YAML_LIBRARY})
  elseif(CMAKE_CROSSCOMPILING AND NOT FETCHCONTENT_SOURCE_DIR_YAML_CPP AND NOT EXISTS ${POCKETBERT_SOURCES}/yaml_cpp-0579ae3)
    message(STATUS "yaml-cpp: not for this target; Rasa's YAML will be refused")
    return()
  else()
    pbert_source(yaml_cpp jbeder/yaml-cpp 0579ae3d976091d7d664aa9d2527e0d0cff25763)  # 0.7.0
    file(GLOB sources ${yaml_cpp_SOURCE_DIR}/src/*.cpp)
    add_library(pbert_yaml_cpp STATIC ${sources})
    target_compile_features(pbert_yaml_cpp PRIVATE cxx_std_17)
    target_compile_options(pbert_yaml_cpp PRIVATE -w)
    target_include_directories(pbert_yaml_cpp SYSTEM PUBLIC ${yaml_cpp_SOURCE_DIR}/include)
    target_compile_definitions(pbert_yaml_cpp PUBLIC YAML_CPP_STATIC_DEFINE)
    target_link_libraries(pbert_yaml INTERFACE pbert_yaml_cpp)
  endif()
  target_compile_definitions(pbert_yaml INTERFACE POCKETBERT_HAVE_YAML=1)
endfunction()
if(POCKETBERT_BUILD_COMMAND OR POCKETBERT_BUILD_TESTS)
  pbert_add_yaml()
endif()
