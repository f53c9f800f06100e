# libmillrace-js, shared and static, and the command.

configure_file(cmake/millrace-js.map.in millrace-js.map @ONLY)

# Internationalized host names: only its headers are needed here, the library is loaded when the
# first such name is met.
find_path(MILLRACE_ICU_INCLUDE_DIR unicode/uidna.h)
mark_as_advanced(MILLRACE_ICU_INCLUDE_DIR)
if(NOT MILLRACE_ICU_INCLUDE_DIR)
    message(FATAL_ERROR "unicode/uidna.h was not found: install ICU's headers (libicu-dev).")
endif()

# The part of the room that is written in JavaScript becomes bytecode in C arrays.
set(js_lib ${PROJECT_SOURCE_DIR}/src/js/lib)
file(GLOB_RECURSE js_lib_files CONFIGURE_DEPENDS ${js_lib}/*.js)
set(js_bytecode ${PROJECT_BINARY_DIR}/js_builtins_bytecode.c)

add_executable(builtinc src/js/tools/builtinc.c)
millrace_own(builtinc)
target_link_libraries(builtinc PRIVATE ${MILLRACE_ENGINE})
set_target_properties(builtinc PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tools)
add_custom_command(
    OUTPUT ${js_bytecode}
    COMMAND ${CMAKE_COMMAND} -E env ASAN_OPTIONS=detect_leaks=0 ${CMAKE_CROSSCOMPILING_EMULATOR}
            $<TARGET_FILE:builtinc> ${js_bytecode} ${js_lib} ${js_lib_files}
    DEPENDS builtinc ${js_lib_files}
    COMMENT "Compiling src/js/lib to bytecode"
    VERBATIM)
set_source_files_properties(${js_bytecode} PROPERTIES COMPILE_OPTIONS -w)

add_library(millrace_js_objects OBJECT ${millrace_js_sources} ${js_bytecode})
millrace_own(millrace_js_objects)
target_link_libraries(millrace_js_objects PRIVATE ${MILLRACE_ENGINE})

# The room's helpers from src/base are hidden in libmillrace, so the shared library has its own copy.
add_library(millrace_base STATIC ${millrace_base_sources})
millrace_own(millrace_base)

millrace_library(millrace_js_shared SHARED millrace-js)
millrace_library(millrace_js_static STATIC millrace-js)
set_target_properties(millrace_js_shared PROPERTIES EXPORT_NAME millrace-js)
set_target_properties(millrace_js_static PROPERTIES EXPORT_NAME millrace-js_static)
target_link_libraries(millrace_js_shared PUBLIC millrace_shared
                                         PRIVATE millrace_js_objects millrace_base ${MILLRACE_ENGINE})
target_sources(millrace_js_static PRIVATE $<TARGET_OBJECTS:millrace_js_objects>)
target_link_libraries(millrace_js_static PUBLIC millrace_static PRIVATE m)
if(MILLRACE_ENGINE_INSTALLED)
    target_link_libraries(millrace_js_static PRIVATE ${MILLRACE_ENGINE})
else()
    target_sources(millrace_js_static PRIVATE $<TARGET_OBJECTS:millrace_engine_objects>)
endif()
add_library(Millrace::millrace-js ALIAS millrace_js_shared)
add_library(Millrace::millrace-js_static ALIAS millrace_js_static)

# Only the command edits lines, and only where libedit is installed. It loads it itself when the first
# line is edited, so only the headers are needed here.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(LIBEDIT QUIET IMPORTED_TARGET libedit)
endif()
set(other_editor plain)
if(NOT LIBEDIT_FOUND)
    set(other_editor libedit)
endif()
list(FILTER millrace_cli_sources EXCLUDE REGEX "/editor_${other_editor}\\.c$")
if(NOT LIBEDIT_FOUND)
    list(FILTER millrace_cli_sources EXCLUDE REGEX "/libedit\\.c$")
endif()

add_executable(millrace ${millrace_cli_sources})
millrace_own(millrace)
target_link_libraries(millrace PRIVATE millrace_js_static)
if(LIBEDIT_FOUND)
    target_include_directories(millrace SYSTEM PRIVATE ${LIBEDIT_INCLUDE_DIRS})
    target_link_libraries(millrace PRIVATE ${CMAKE_DL_LIBS})
endif()

if(MILLRACE_TESTS)
    add_library(millrace_js_test STATIC ${millrace_js_sources} ${js_bytecode})
    millrace_test_build(millrace_js_test)
    target_link_libraries(millrace_js_test PUBLIC millrace_test ${MILLRACE_ENGINE})

    # The command on the test build: leak dumps, and collection at each job with MR_COLLECT.
    add_executable(millrace_checked ${millrace_cli_sources})
    millrace_own(millrace_checked)
    target_compile_definitions(millrace_checked PRIVATE MR_TEST)
    target_link_libraries(millrace_checked PRIVATE millrace_js_test)
    if(LIBEDIT_FOUND)
        target_include_directories(millrace_checked SYSTEM PRIVATE ${LIBEDIT_INCLUDE_DIRS})
        target_link_libraries(millrace_checked PRIVATE ${CMAKE_DL_LIBS})
    endif()
endif()
