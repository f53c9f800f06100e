# Compiler and linker flags: what holds for everything, and what holds for our own sources.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)

include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

find_package(Threads REQUIRED)

# One compiler cache if the machine has it: the engine is the slow part of each preset.
find_program(MILLRACE_CCACHE ccache)
mark_as_advanced(MILLRACE_CCACHE)
if(MILLRACE_CCACHE AND NOT DEFINED CMAKE_C_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER ${MILLRACE_CCACHE})
endif()

# The library's thread-local words are few, so the fast model is safe in a shared library that is
# loaded late, too.
add_compile_options(-ffunction-sections -fdata-sections -fno-semantic-interposition
                    -ftls-model=initial-exec)
add_link_options(-Wl,--gc-sections -Wl,-O1 -Wl,--hash-style=gnu -Wl,--as-needed)

if(MILLRACE_SANITIZE)
    add_compile_options(-fsanitize=${MILLRACE_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${MILLRACE_SANITIZE})
else()
    add_link_options(-Wl,-z,defs)
endif()

# Kernels with more random address bits than ThreadSanitizer's runtime knows make its programs fail
# at start, now and then: run them with a fixed layout where that is allowed.
if(MILLRACE_SANITIZE MATCHES "thread" AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
    execute_process(COMMAND setarch -R true RESULT_VARIABLE fixed_layout OUTPUT_QUIET ERROR_QUIET)
    if(fixed_layout EQUAL 0)
        set(CMAKE_CROSSCOMPILING_EMULATOR setarch -R)
    endif()
endif()

# Processors of the Skylake line up to Cascade Lake decode a block of 32 bytes anew, each time it runs, if a
# jump crosses or touches its end: a tenth to a fifth of the time of the loop's hot paths. The assembler
# can keep jumps away from there, for some 3 % of size; other processors do not mind. The engine gains nothing.
include(CheckCCompilerFlag)
check_c_compiler_flag(-Wa,-mbranches-within-32B-boundaries MILLRACE_PLACES_JUMPS)

# Flags of a target made of our own sources.
function(millrace_own target)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include
                                                 ${PROJECT_SOURCE_DIR}/src)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                             -Wstrict-prototypes)
    if(MILLRACE_PLACES_JUMPS)
        target_compile_options(
            ${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-Wa,-mbranches-within-32B-boundaries>)
    endif()
    # What the system offers beyond ISO C (statx, epoll_pwait2, memmem) is asked for in one place.
    target_compile_definitions(${target} PRIVATE _GNU_SOURCE $<$<CONFIG:Debug>:MR_DEBUG>)
    if(MILLRACE_SANITIZE)
        # With a sanitizer's code in between, GCC loses sight of what is set.
        target_compile_options(${target} PRIVATE $<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    endif()
    if(MILLRACE_WERROR)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
    if(MILLRACE_COVERAGE)
        target_compile_options(${target} PRIVATE --coverage)
        target_link_options(${target} PUBLIC --coverage)
    endif()
endfunction()
