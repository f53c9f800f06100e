# What is installed: headers, libraries, the command, pkg-config files, the CMake package.

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Millrace)

set(installed_targets millrace_shared millrace_static)
set(installed_pc millrace)
set(left_out PATTERN js.h EXCLUDE PATTERN repl.h EXCLUDE)
if(MILLRACE_JS)
    list(APPEND installed_targets millrace_js_shared millrace_js_static)
    install(TARGETS millrace)
    list(APPEND installed_pc millrace-js)
    set(left_out)
    if(MILLRACE_ENGINE_INSTALLED)
        set(engine_requires ${QuickJS_PC_NAME})
        if(NOT engine_requires)
            set(engine_libs -lqjs)
        endif()
    endif()
endif()

install(DIRECTORY include/millrace DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h" ${left_out})
install(TARGETS ${installed_targets} EXPORT MillraceTargets)
install(EXPORT MillraceTargets NAMESPACE Millrace:: DESTINATION ${package_dir})

configure_package_config_file(cmake/MillraceConfig.cmake.in MillraceConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(MillraceConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/MillraceConfig.cmake
              ${PROJECT_BINARY_DIR}/MillraceConfigVersion.cmake cmake/FindQuickJS.cmake
        DESTINATION ${package_dir})

# The .pc files find their prefix from where they lie, as the CMake package does.
file(RELATIVE_PATH pc_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
foreach(name IN LISTS installed_pc)
    configure_file(cmake/${name}.pc.in ${name}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
