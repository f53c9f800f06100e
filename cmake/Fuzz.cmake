# The fuzzer, with Clang's libFuzzer: the test build of the core, instrumented, and the target.
# Preset fuzz; `make fuzz` builds and runs it.

if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "MILLRACE_FUZZ needs Clang: configure with the preset fuzz.")
endif()

add_library(millrace_fuzzed STATIC ${millrace_core_sources})
millrace_test_build(millrace_fuzzed)
target_compile_options(millrace_fuzzed PRIVATE -fsanitize=fuzzer-no-link)
target_link_libraries(millrace_fuzzed PUBLIC Threads::Threads)

add_executable(loop_fuzz tests/fuzz/loop_fuzz.c)
millrace_own(loop_fuzz)
target_compile_options(loop_fuzz PRIVATE -fsanitize=fuzzer)
target_link_options(loop_fuzz PRIVATE -fsanitize=fuzzer)
target_link_libraries(loop_fuzz PRIVATE millrace_fuzzed)
