# The JavaScript engine, QuickJS-ng: an installed one, else the packaged sources that scripts/setup
# fetched, compiled here with the flags of the preset. MILLRACE_ENGINE is the target to link.

set(MILLRACE_ENGINE_MINIMUM 0.12)
set(MILLRACE_ENGINE_SOURCE ${PROJECT_SOURCE_DIR}/build/engine/usr/src/quickjs-ng
    CACHE PATH "QuickJS-ng sources, used where no engine is installed")

find_package(QuickJS QUIET)
quickjs_header_version(${MILLRACE_ENGINE_SOURCE} source_version)

# A sanitizer sees only what was compiled with it: its presets prefer the sources.
if(QuickJS_FOUND AND QuickJS_VERSION VERSION_GREATER_EQUAL MILLRACE_ENGINE_MINIMUM
   AND NOT (MILLRACE_SANITIZE AND source_version))
    set(MILLRACE_ENGINE QuickJS::qjs)
    set(MILLRACE_ENGINE_INSTALLED ON)
    message(STATUS "Engine: installed QuickJS-ng ${QuickJS_VERSION}")
    return()
endif()

set(MILLRACE_ENGINE_INSTALLED OFF)
if(NOT source_version)
    if(QuickJS_VERSION)
        set(found "only ${QuickJS_VERSION} is installed")
    else()
        set(found "none was found")
    endif()
    message(FATAL_ERROR "Millrace needs QuickJS-ng ${MILLRACE_ENGINE_MINIMUM} or later and ${found}: "
                        "run scripts/setup, or configure with -DMILLRACE_JS=OFF for the core alone.")
endif()
if(source_version VERSION_LESS MILLRACE_ENGINE_MINIMUM)
    message(FATAL_ERROR "Millrace needs QuickJS-ng ${MILLRACE_ENGINE_MINIMUM} or later, but "
                        "${MILLRACE_ENGINE_SOURCE} holds ${source_version}.")
endif()
message(STATUS "Engine: QuickJS-ng ${source_version}, compiled from its packaged sources")

set(engine_sources quickjs.c libregexp.c libunicode.c dtoa.c)
list(TRANSFORM engine_sources PREPEND ${MILLRACE_ENGINE_SOURCE}/)
add_library(millrace_engine_objects OBJECT ${engine_sources})
target_compile_definitions(millrace_engine_objects PRIVATE _GNU_SOURCE QUICKJS_NG_BUILD
                                                           $<$<CONFIG:Release>:NDEBUG>)
# The interpreter gains some percent from what -O3 adds, the rest of the tree nothing.
target_compile_options(millrace_engine_objects PRIVATE -std=gnu11 -w $<$<CONFIG:Release>:-O3>)
if(MILLRACE_SANITIZE MATCHES "undefined")
    target_compile_options(millrace_engine_objects PRIVATE -fno-sanitize=undefined)
endif()

add_library(millrace_engine STATIC $<TARGET_OBJECTS:millrace_engine_objects>)
target_include_directories(millrace_engine SYSTEM INTERFACE ${MILLRACE_ENGINE_SOURCE})
target_link_libraries(millrace_engine INTERFACE m Threads::Threads)
set(MILLRACE_ENGINE millrace_engine)
