# Tests, by place:
#   src/ROOM/*_test.c         label unit        linked to the test build of the rooms below
#   tests/scenario/*_test.c   label scenario
#   tests/js_embed/*_test.c   label js_embed
#   tests/command/*_test.c    label js          the command at a terminal
#   tests/js/run              label js          a script, told the command and node's path
#   tests/js/surface/run    label js          what a script can reach, compared with a table
#   tests/js/packages/run     label js          the same, with packages from npm
#   examples/*.c, *.js        label example
#   scripts/check-*           label house       not for sanitizers: they would see nothing new
#   tests/model/run           label model       with Spin; CI must have it
# Each C file is one program, and one test under the name of its place: loop/wheel.

find_package(PkgConfig REQUIRED)
pkg_check_modules(CMOCKA QUIET IMPORTED_TARGET cmocka)
if(NOT CMOCKA_FOUND)
    message(FATAL_ERROR "The tests need cmocka: run scripts/setup, or configure with "
                        "-DMILLRACE_TESTS=OFF.")
endif()

# UndefinedBehaviorSanitizer's own words are short; the stack is what one needs.
set(test_environment UBSAN_OPTIONS=print_stacktrace=1)
# ThreadSanitizer makes races of threads ten times slower: a third of the rounds.
if(MILLRACE_SANITIZE MATCHES "thread")
    list(APPEND test_environment MR_TEST_SCALE=3)
endif()

# The programs that ThreadSanitizer is for, as the test preset tsan picks them.
add_custom_target(thread_tests)

function(millrace_c_test file name label library)
    string(MAKE_C_IDENTIFIER "test_${name}" target)
    add_executable(${target} ${file})
    millrace_own(${target})
    # GCC does not know that cmocka's assertions end a test.
    target_compile_options(${target} PRIVATE -UNDEBUG $<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_libraries(${target} PRIVATE ${library} PkgConfig::CMOCKA)
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    # What it says is kept, for scripts/check-scenarios.
    add_test(NAME ${name}
             COMMAND ${PROJECT_SOURCE_DIR}/tests/logged ${PROJECT_BINARY_DIR}/tests/${target}.log 110
                     ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:${target}>)
    set_tests_properties(${name} PROPERTIES TIMEOUT 120 LABELS ${label}
                                            ENVIRONMENT "${test_environment}")
    if(label MATCHES "^(unit|scenario)$")
        add_dependencies(thread_tests ${target})
    endif()
endfunction()

function(millrace_c_tests root folder label library)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/${root}
         ${PROJECT_SOURCE_DIR}/${root}/${folder}/*_test.c)
    foreach(file IN LISTS files)
        string(REGEX REPLACE "_test\\.c$" "" name ${file})
        millrace_c_test(${root}/${file} ${name} ${label} ${library})
    endforeach()
endfunction()

foreach(room IN ITEMS base os loop promise)
    millrace_c_tests(src ${room} unit millrace_test)
endforeach()
millrace_c_tests(tests scenario scenario millrace_test)

# Counts the system calls of our own code.
foreach(call IN ITEMS clock_gettime pthread_create epoll_create1 syscall pthread_cond_wait
                      pthread_cond_timedwait)
    target_link_options(test_promise_simulated_calls PRIVATE LINKER:--wrap=${call})
endforeach()

function(millrace_test name label seconds)
    add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${seconds} LABELS ${label} SKIP_RETURN_CODE 77
                                            ENVIRONMENT "${test_environment}")
endfunction()

# Examples link the shared libraries: what a program needs is then known to be exported.
file(GLOB example_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.c)
foreach(file IN LISTS example_files)
    get_filename_component(name ${file} NAME_WE)
    file(STRINGS ${file} uses_js REGEX "<millrace/js\\.h>")
    if(uses_js AND NOT MILLRACE_JS)
        continue()
    endif()
    add_executable(example_${name} ${file})
    millrace_own(example_${name})
    target_link_libraries(example_${name} PRIVATE Millrace::millrace)
    if(uses_js)
        target_link_libraries(example_${name} PRIVATE Millrace::millrace-js)
    endif()
    set_target_properties(example_${name} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY
                                                     ${PROJECT_BINARY_DIR}/examples)
    millrace_test(example_${name} example 60 example_${name})
endforeach()

if(MILLRACE_JS)
    millrace_c_tests(src js unit millrace_js_test)
    millrace_c_tests(tests js_embed js_embed millrace_js_test)
    # ThreadSanitizer is asked about the runtime where there are threads.
    set_property(TEST js_embed/threads APPEND PROPERTY LABELS js_threads)
    add_dependencies(thread_tests test_js_embed_threads)

    # What only a terminal shows. forkpty is in libutil, or in libc.
    if(LIBEDIT_FOUND)
        millrace_c_tests(tests command js millrace_test)
        target_compile_definitions(test_command_repl
                                   PRIVATE MILLRACE_COMMAND="$<TARGET_FILE:millrace>")
        target_link_libraries(test_command_repl PRIVATE util)
        add_dependencies(test_command_repl millrace)
    endif()
    if(MILLRACE_SANITIZE)
        set_property(TEST js_embed/promise_order APPEND PROPERTY ENVIRONMENT MR_ORDER_PROGRAMS=3000)
    endif()

    file(GLOB example_scripts CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
         ${PROJECT_SOURCE_DIR}/examples/*.js ${PROJECT_SOURCE_DIR}/examples/*.mjs)
    foreach(file IN LISTS example_scripts)
        get_filename_component(name ${file} NAME_WE)
        millrace_test(example_${name}_js example 60 millrace run ${file})
    endforeach()

    if(EXISTS ${PROJECT_SOURCE_DIR}/tests/js/run)
        # Another release of Node.js words and orders some things differently: only the one that the
        # expected outputs were taken from is asked.
        find_program(MILLRACE_NODE NAMES node nodejs)
        mark_as_advanced(MILLRACE_NODE)
        set(node)
        if(MILLRACE_NODE AND NOT MILLRACE_SANITIZE)
            execute_process(COMMAND ${MILLRACE_NODE} --version OUTPUT_VARIABLE node_version)
            if(node_version MATCHES "^v20\\.")
                set(node ${MILLRACE_NODE})
            endif()
        endif()
        millrace_test(js_suite js 900 ${PROJECT_SOURCE_DIR}/tests/js/run $<TARGET_FILE:millrace>
                      ${node})
        # What runs the same programs again, or others' packages: the sanitizers have seen that code.
        if(NOT MILLRACE_SANITIZE)
            foreach(seed IN ITEMS 1 2 3) # order and text are those of a real run
                millrace_test(js_simulated_${seed} js 900 ${CMAKE_COMMAND} -E env SEED=${seed}
                              ${PROJECT_SOURCE_DIR}/tests/js/run $<TARGET_FILE:millrace>)
            endforeach()
            # No object is freed too early or too late.
            millrace_test(js_collected js 1800 ${CMAKE_COMMAND} -E env MR_COLLECT=1
                          ${PROJECT_SOURCE_DIR}/tests/js/run $<TARGET_FILE:millrace_checked>)
            millrace_test(js_surface js 900 ${PROJECT_SOURCE_DIR}/tests/js/surface/run
                          $<TARGET_FILE:millrace>)
            millrace_test(js_packages js 1800 ${PROJECT_SOURCE_DIR}/tests/js/packages/run
                          $<TARGET_FILE:millrace> ${node})
        endif()
        if(node) # generated programs: what the C API does is what Node.js does
            millrace_test(js_order_of_node js 120 sh -c
                          "$<TARGET_FILE:test_js_embed_promise_order> emit 1000 | ${node} -")
        endif()
        millrace_test(js_conformance_runner js 120 ${PROJECT_SOURCE_DIR}/tests/conformance/run
                      $<TARGET_FILE:millrace> --sample)
    endif()
endif()

if(NOT MILLRACE_SANITIZE AND NOT MILLRACE_COVERAGE)
    foreach(check IN ITEMS check-layers check-layers-self check-headers check-format check-faults)
        millrace_test(house/${check} house 120 ${PROJECT_SOURCE_DIR}/scripts/${check})
    endforeach()
    # Looks at what the tests in C have said: they run before it, also when it is picked alone.
    millrace_test(house/check-scenarios house 60 ${PROJECT_SOURCE_DIR}/scripts/check-scenarios
                  --strict ${PROJECT_BINARY_DIR})
    get_directory_property(all_tests TESTS)
    list(FILTER all_tests INCLUDE REGEX "^(base|os|loop|promise|js|scenario|js_embed)/")
    set_tests_properties(${all_tests} PROPERTIES FIXTURES_SETUP c_tests)
    set_tests_properties(house/check-scenarios PROPERTIES FIXTURES_REQUIRED c_tests)
    millrace_test(house/check-model-labels house 60 ${PROJECT_SOURCE_DIR}/tests/model/run --labels)
    find_program(MILLRACE_SPIN spin)
    mark_as_advanced(MILLRACE_SPIN)
    if(MILLRACE_SPIN OR NOT "$ENV{CI}" STREQUAL "")
        millrace_test(model model 900 ${PROJECT_SOURCE_DIR}/tests/model/run)
    endif()
    millrace_test(house/check-consumer house 300 ${PROJECT_SOURCE_DIR}/scripts/check-consumer
                  ${PROJECT_BINARY_DIR} ${CMAKE_COMMAND} ${CMAKE_C_COMPILER})
endif()
