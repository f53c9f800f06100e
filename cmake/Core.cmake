# libmillrace: the core, shared and static from one set of objects, and a third time for the tests.

# Names of the two kinds of symbol: mr_* is for everyone, mr__* only for libmillrace-js of exactly
# this version, so that the two never mix silently.
configure_file(cmake/millrace.map.in millrace.map @ONLY)

add_library(millrace_objects OBJECT ${millrace_core_sources})
millrace_own(millrace_objects)

function(millrace_library target kind name)
    add_library(${target} ${kind})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} LINKER_LANGUAGE C)
    target_include_directories(
        ${target} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_link_libraries(${target} PRIVATE Threads::Threads)
    if(kind STREQUAL "SHARED")
        set_target_properties(${target} PROPERTIES VERSION ${PROJECT_VERSION}
                                                   SOVERSION ${PROJECT_VERSION_MAJOR}
                                                   LINK_DEPENDS ${PROJECT_BINARY_DIR}/${name}.map)
        target_link_options(${target} PRIVATE
                            -Wl,--version-script=${PROJECT_BINARY_DIR}/${name}.map)
    endif()
endfunction()

millrace_library(millrace_shared SHARED millrace)
millrace_library(millrace_static STATIC millrace)
set_target_properties(millrace_shared PROPERTIES EXPORT_NAME millrace)
target_link_libraries(millrace_shared PRIVATE millrace_objects)
target_sources(millrace_static PRIVATE $<TARGET_OBJECTS:millrace_objects>)
add_library(Millrace::millrace ALIAS millrace_shared)
add_library(Millrace::millrace_static ALIAS millrace_static)

# Test builds: test points, faults on demand, small limits, all assertions.
function(millrace_test_build target)
    millrace_own(${target})
    target_compile_definitions(${target} PUBLIC MR_TEST MR_DEBUG)
    target_compile_options(${target} PRIVATE -UNDEBUG)
    target_include_directories(${target} INTERFACE ${PROJECT_SOURCE_DIR}/include
                                                   ${PROJECT_SOURCE_DIR}/src)
endfunction()

if(MILLRACE_TESTS)
    add_library(millrace_test STATIC ${millrace_core_sources})
    millrace_test_build(millrace_test)
    target_link_libraries(millrace_test PUBLIC Threads::Threads)
endif()
