# Sources by room. A new file needs no edit here: the folders are looked at again at each build.

function(millrace_room out_sources)
    set(sources)
    foreach(folder IN LISTS ARGN)
        file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.c)
        list(APPEND sources ${found})
    endforeach()
    list(FILTER sources EXCLUDE REGEX "_test\\.c$")
    set(${out_sources} ${sources} PARENT_SCOPE)
endfunction()

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    set(millrace_platform os/posix os/linux)
else()
    message(FATAL_ERROR "Millrace runs on Linux; src/os has no folder for ${CMAKE_SYSTEM_NAME} yet.")
endif()

millrace_room(millrace_core_sources base os ${millrace_platform} os/sim loop promise)
millrace_room(millrace_base_sources base)
millrace_room(millrace_js_sources js)
millrace_room(millrace_cli_sources cli)
