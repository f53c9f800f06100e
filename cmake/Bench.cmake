# The tournament: one program a contestant, build/PRESET/bench/contest-NAME, of bench/c/NAME_*.c, for each
# peer whose library is installed; and the program that runs them. They are not part of `all`: the target is
# `bench`.

find_package(PkgConfig QUIET)
set(bench_dir ${PROJECT_SOURCE_DIR}/bench)
add_custom_target(bench)

function(millrace_bench_program target)
    add_executable(${target} EXCLUDE_FROM_ALL ${ARGN})
    millrace_own(${target})
    target_include_directories(${target} PRIVATE ${bench_dir})
    target_link_libraries(${target} PRIVATE Threads::Threads)
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
    add_dependencies(bench ${target})
endfunction()

function(millrace_contestant name)
    file(GLOB sources CONFIGURE_DEPENDS ${bench_dir}/c/${name}_*.c)
    millrace_bench_program(contest-${name} ${sources} ${bench_dir}/harness.c ${bench_dir}/echo_client.c)
    target_link_libraries(contest-${name} PRIVATE ${ARGN})
endfunction()

# A peer that is not installed is left out. HEADER stands alone: not all of them have a .pc file.
function(millrace_peer name header library)
    string(TOUPPER MILLRACE_BENCH_${name} variable)
    find_path(${variable}_INCLUDE_DIR ${header})
    find_library(${variable}_LIBRARY ${library})
    mark_as_advanced(${variable}_INCLUDE_DIR ${variable}_LIBRARY)
    if(${variable}_INCLUDE_DIR AND ${variable}_LIBRARY)
        millrace_contestant(${name} ${${variable}_LIBRARY} ${ARGN})
        target_include_directories(contest-${name} SYSTEM PRIVATE ${${variable}_INCLUDE_DIR})
    endif()
endfunction()

millrace_contestant(millrace millrace_static)
millrace_contestant(floor)
millrace_contestant(ingress)
millrace_peer(libuv uv.h uv)
millrace_peer(libev ev.h ev)
millrace_peer(uring liburing.h uring)
millrace_peer(libevent event2/event.h event_core event_pthreads)

file(GLOB tournament_sources CONFIGURE_DEPENDS ${bench_dir}/tournament/*.c)
millrace_bench_program(tournament ${tournament_sources})
target_compile_definitions(tournament PRIVATE BENCH_SOURCES="${bench_dir}")
if(MILLRACE_JS)
    millrace_bench_program(bare_engine ${bench_dir}/engine/bare_engine.c)
    target_link_libraries(bare_engine PRIVATE ${MILLRACE_ENGINE})
    add_dependencies(bench millrace)
endif()
