# What `cmake --install` installs beside command and library so that other builds find them: a CMake package and a pkg-config file.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Programs in C link the archive with their C compiler, which has to be told of what C++ needs. Not so on Android: whether the C++
# library comes as a part of the application's library or as another file beside it is said by ANDROID_STL, and -lc++ would always
# mean the other file. There libc has the threads, too.
set(POCKETBERT_SYSTEM_LIBRARIES m)
if(NOT ANDROID)
  foreach(library IN LISTS CMAKE_CXX_IMPLICIT_LINK_LIBRARIES)
    if(library MATCHES "^(stdc\\+\\+|c\\+\\+)$")
      list(PREPEND POCKETBERT_SYSTEM_LIBRARIES ${library})
    endif()
  endforeach()
  if(CMAKE_THREAD_LIBS_INIT)
    list(APPEND POCKETBERT_SYSTEM_LIBRARIES ${CMAKE_THREAD_LIBS_INIT})
  endif()
endif()

function(pbert_install_package)
  set(directory ${CMAKE_INSTALL_LIBDIR}/cmake/pocketbert)
  set(output ${PROJECT_BINARY_DIR}/package)
  set(POCKETBERT_SONAME libpocketbert.so.${PROJECT_VERSION_MAJOR})
  if(CMAKE_PLATFORM_NO_VERSIONED_SONAME)  # Android's packages take files named lib….so alone
    set(POCKETBERT_SONAME libpocketbert.so)
  endif()
  configure_package_config_file(${PROJECT_SOURCE_DIR}/toolchains/pocketbertConfig.cmake.in ${output}/pocketbertConfig.cmake
    INSTALL_DESTINATION ${directory} PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
  # Before 1.0 the interface may change with the minor version.
  write_basic_package_version_file(${output}/pocketbertConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${output}/pocketbertConfig.cmake ${output}/pocketbertConfigVersion.cmake DESTINATION ${directory})

  set(libraries)
  foreach(library IN LISTS POCKETBERT_SYSTEM_LIBRARIES)
    string(REGEX REPLACE "^-l" "" library ${library})
    string(APPEND libraries " -l${library}")
  endforeach()
  set(private)
  if(POCKETBERT_SHARED)  # which names for itself what it needs
    set(private ${libraries})
    set(libraries)
  endif()
  configure_file(${PROJECT_SOURCE_DIR}/toolchains/pocketbert.pc.in ${output}/pocketbert.pc @ONLY)
  install(FILES ${output}/pocketbert.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
