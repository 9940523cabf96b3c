# libpocketbert.a: the runtime, XNNPACK, cpuinfo and pthreadpool as one object in which only pbert_* has a name that others see.
#
#   cmake -DLINKER=… -DOBJCOPY=… -DAR=… -DNM=… -DHEADER=pocketbert.h -DARCHIVES=a.a,b.a -DOUTPUT=libpocketbert.a -P join_archive.cmake
#
# A partial link from the functions of the C interface takes what they reach and nothing else, so that an application links the archive
# without flags of its own (XNNPACK names many kernels that we do not compile). Then every other name is made local: an application
# may carry another XNNPACK, cpuinfo or pthreadpool, of another version, beside ours.
file(STRINGS ${HEADER} lines REGEX "^PBERT_API ")
set(roots)
foreach(line IN LISTS lines)
  if(line MATCHES "(pbert_[a-z0-9_]+)\\(")
    list(APPEND roots -u ${CMAKE_MATCH_1})
  endif()
endforeach()
string(REPLACE "," ";" archives ${ARCHIVES})

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status ERROR_VARIABLE errors OUTPUT_VARIABLE errors)
  if(NOT status EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "libpocketbert.a: ${errors}\n${command}")
  endif()
endfunction()

get_filename_component(folder ${OUTPUT} DIRECTORY)
set(object ${folder}/pocketbert.o)
set(groups --force-group-allocation)  # inline functions become ordinary ones: GNU ld's word for it, lld has none and wants none
execute_process(COMMAND ${LINKER} --version OUTPUT_VARIABLE version)
if(version MATCHES "LLD")
  set(groups)
endif()
run(${LINKER} -r --gc-sections ${groups} ${roots} -o ${object} --start-group ${archives} --end-group)
run(${OBJCOPY} --wildcard --keep-global-symbol=pbert_* --strip-unneeded ${object})  # and the names that nothing uses any more
execute_process(COMMAND ${NM} --undefined-only --format=posix ${object} OUTPUT_VARIABLE undefined)
if(undefined MATCHES "((xnn|cpuinfo|pthreadpool)_[a-z0-9_]+)")
  message(FATAL_ERROR "libpocketbert.a: ${CMAKE_MATCH_1} is needed and not compiled: see the names of files in toolchains/xnnpack.cmake")
endif()
file(REMOVE ${OUTPUT})
run(${AR} crs ${OUTPUT} ${object})
file(REMOVE ${object})
