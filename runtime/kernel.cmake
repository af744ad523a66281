# SPDX-License-Identifier: GPL-2.0-only
# Finds the kernel headers of the release UMC presents and the source of the same version. Sets
#   UMC_KERNEL_RELEASE   6.1.0-NN-amd64
#   UMC_KERNEL_VERSION   the Debian version, e.g. 6.1.NNN-N
#   UMC_KERNEL_HEADERS   /usr/src/linux-headers-RELEASE; _COMMON: its architecture-independent part
#   UMC_KERNEL_SOURCE    the unpacked source, only the folders named below

set(_folders arch/x86 block crypto drivers/base drivers/char fs include init ipc kernel lib mm net/core samples
    scripts/mod security)

if(UMC_KERNEL)
  set(UMC_KERNEL_RELEASE ${UMC_KERNEL})
else()
  file(GLOB _found RELATIVE /usr/src /usr/src/linux-headers-6.1.*-amd64)
  list(FILTER _found EXCLUDE REGEX "-(cloud|rt)-amd64$")
  list(SORT _found COMPARE NATURAL ORDER DESCENDING)
  if(NOT _found)
    message(FATAL_ERROR "No kernel headers: install linux-headers-amd64 (tools/deps does it).")
  endif()
  list(GET _found 0 _newest)
  string(REPLACE "linux-headers-" "" UMC_KERNEL_RELEASE ${_newest})
endif()

set(UMC_KERNEL_HEADERS /usr/src/linux-headers-${UMC_KERNEL_RELEASE})
string(REGEX REPLACE "-[a-z0-9]+$" "-common" UMC_KERNEL_HEADERS_COMMON ${UMC_KERNEL_HEADERS})
set(_utsversion_h ${UMC_KERNEL_HEADERS}/include/generated/utsversion.h)
if(NOT EXISTS ${_utsversion_h} OR NOT EXISTS ${UMC_KERNEL_HEADERS_COMMON}/Makefile)
  message(FATAL_ERROR "No kernel headers in ${UMC_KERNEL_HEADERS}: install linux-headers-${UMC_KERNEL_RELEASE}.")
endif()
file(STRINGS ${_utsversion_h} _uts REGEX "UTS_VERSION")
string(REGEX MATCH "Debian ([^ ]+)" _ "${_uts}")
set(UMC_KERNEL_VERSION ${CMAKE_MATCH_1})

set(_tarball /usr/src/linux-source-6.1.tar.xz)
if(NOT EXISTS ${_tarball})
  message(FATAL_ERROR "No kernel source: install linux-source-6.1 (tools/deps does it).")
endif()
execute_process(COMMAND dpkg-query -W -f "\${Version}" linux-source-6.1
  OUTPUT_VARIABLE _source_version ERROR_QUIET)
if(NOT _source_version STREQUAL UMC_KERNEL_VERSION)
  message(FATAL_ERROR "The kernel source (linux-source-6.1 ${_source_version}) and the headers "
    "(${UMC_KERNEL_RELEASE}: ${UMC_KERNEL_VERSION}) differ: install both in the same version.")
endif()

if(DEFINED ENV{XDG_CACHE_HOME})
  set(_cache $ENV{XDG_CACHE_HOME}/umc)
else()
  set(_cache $ENV{HOME}/.cache/umc)
endif()
string(MD5 _key "${_folders}")
string(SUBSTRING ${_key} 0 8 _key)
set(UMC_KERNEL_SOURCE ${_cache}/linux-source-${UMC_KERNEL_VERSION}-${_key})
if(NOT EXISTS ${UMC_KERNEL_SOURCE})
  message(STATUS "Unpacking ${_tarball} to ${UMC_KERNEL_SOURCE}")
  string(RANDOM LENGTH 8 _random)
  set(_fresh ${UMC_KERNEL_SOURCE}.${_random})
  file(MAKE_DIRECTORY ${_fresh})
  list(TRANSFORM _folders PREPEND linux-source-6.1/ OUTPUT_VARIABLE _members)
  execute_process(COMMAND tar -xJf ${_tarball} -C ${_fresh} --strip-components=1 ${_members}
    RESULT_VARIABLE _status)
  if(NOT _status EQUAL 0)
    file(REMOVE_RECURSE ${_fresh})
    message(FATAL_ERROR "Unpacking ${_tarball} failed.")
  endif()
  # Atomic, so that a configure beside this one never sees half a tree.
  execute_process(COMMAND mv -T ${_fresh} ${UMC_KERNEL_SOURCE} RESULT_VARIABLE _status ERROR_QUIET)
  if(NOT _status EQUAL 0)
    file(REMOVE_RECURSE ${_fresh})
  endif()
endif()
message(STATUS "Kernel ${UMC_KERNEL_RELEASE} (${UMC_KERNEL_VERSION}), source ${UMC_KERNEL_SOURCE}")

set(UMC_KERNEL_HEADERS ${UMC_KERNEL_HEADERS} CACHE INTERNAL "")
set(UMC_KERNEL_VERSION ${UMC_KERNEL_VERSION} CACHE INTERNAL "")
