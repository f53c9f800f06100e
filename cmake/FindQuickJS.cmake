# Find an installed QuickJS-ng.
#
# Looks for the pkg-config modules qjs and quickjs-ng, the CMake package qjs, and at last for header
# and library in the usual places. Defines the target QuickJS::qjs and QuickJS_VERSION, which comes
# from the header's own macros.

function(quickjs_header_version directory out_version)
    set(version "")
    if(EXISTS ${directory}/quickjs.h)
        foreach(part MAJOR MINOR PATCH)
            file(STRINGS ${directory}/quickjs.h line REGEX "define +QJS_VERSION_${part} +[0-9]+")
            string(REGEX MATCH "[0-9]+" number "${line}")
            list(APPEND version ${number})
        endforeach()
        list(JOIN version "." version)
    endif()
    set(${out_version} "${version}" PARENT_SCOPE)
endfunction()

if(NOT TARGET QuickJS::qjs)
    find_package(PkgConfig QUIET)
    if(PkgConfig_FOUND)
        pkg_search_module(QuickJS_PC QUIET IMPORTED_TARGET qjs quickjs-ng)
    endif()
    if(TARGET PkgConfig::QuickJS_PC)
        set(QuickJS_PC_NAME ${QuickJS_PC_MODULE_NAME})
        find_path(QuickJS_INCLUDE_DIR quickjs.h HINTS ${QuickJS_PC_INCLUDEDIR}
                                                      ${QuickJS_PC_INCLUDE_DIRS}
                  PATH_SUFFIXES quickjs-ng)
        add_library(QuickJS::qjs INTERFACE IMPORTED)
        target_link_libraries(QuickJS::qjs INTERFACE PkgConfig::QuickJS_PC)
    else()
        find_package(qjs CONFIG QUIET)
        if(TARGET qjs)
            get_target_property(dirs qjs INTERFACE_INCLUDE_DIRECTORIES)
            find_path(QuickJS_INCLUDE_DIR quickjs.h HINTS ${dirs})
            add_library(QuickJS::qjs INTERFACE IMPORTED)
            target_link_libraries(QuickJS::qjs INTERFACE qjs)
        else()
            find_path(QuickJS_INCLUDE_DIR quickjs.h PATH_SUFFIXES quickjs-ng)
            find_library(QuickJS_LIBRARY NAMES qjs)
            mark_as_advanced(QuickJS_LIBRARY)
            if(QuickJS_LIBRARY)
                add_library(QuickJS::qjs INTERFACE IMPORTED)
                target_link_libraries(QuickJS::qjs INTERFACE ${QuickJS_LIBRARY})
            endif()
        endif()
    endif()
    if(TARGET QuickJS::qjs AND QuickJS_INCLUDE_DIR)
        target_link_libraries(QuickJS::qjs INTERFACE m) # what a static one needs
        target_include_directories(QuickJS::qjs SYSTEM INTERFACE ${QuickJS_INCLUDE_DIR})
    endif()
endif()

if(QuickJS_INCLUDE_DIR)
    quickjs_header_version(${QuickJS_INCLUDE_DIR} QuickJS_VERSION)
endif()
mark_as_advanced(QuickJS_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
if(TARGET QuickJS::qjs)
    set(QuickJS_TARGET QuickJS::qjs)
endif()
find_package_handle_standard_args(QuickJS REQUIRED_VARS QuickJS_TARGET QuickJS_INCLUDE_DIR
                                  VERSION_VAR QuickJS_VERSION)
