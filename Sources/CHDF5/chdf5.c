#include "chdf5.h"

#include <dlfcn.h>

static void *library;

// Without a folder, the loader's own places. Those of a version come first: what has the plain name
// is for building, and absent from most machines that only run.
static const char *const names[] = {
#if defined(__APPLE__)
    "libhdf5.dylib", "/opt/homebrew/lib/libhdf5.dylib", "/usr/local/lib/libhdf5.dylib",
    "/opt/local/lib/libhdf5.dylib",
#else
    // Debian's serial build, then that of other distributions: 1.14, 1.12, 1.10.
    "libhdf5_serial.so.310", "libhdf5_serial.so.200", "libhdf5_serial.so.103", "libhdf5_serial.so",
    "libhdf5.so.310", "libhdf5.so.200", "libhdf5.so.103", "libhdf5.so",
#endif
};

static const char *check(void *candidate) {
  herr_t (*version)(unsigned *, unsigned *, unsigned *) = dlsym(candidate, "H5get_libversion");
  herr_t (*open)(void) = dlsym(candidate, "H5open");
  unsigned major = 0, minor = 0, release = 0;
  if (!version || !open || version(&major, &minor, &release) < 0) return "it is no HDF5 library";
  // Identifiers had 32 bits before.
  if (major < 1 || (major == 1 && minor < 10)) return "it is older than HDF5 1.10";
  return open() < 0 ? "it does not start" : 0;
}

const char *chdf5_load(void) {
  if (library) return 0;
  const char *reason = "it is not installed";
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    void *candidate = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!candidate) continue;
    reason = check(candidate);
    if (!reason) {
      library = candidate;
      return 0;
    }
    dlclose(candidate);
  }
  return reason;
}

hid_t chdf5_variable(const char *name) {
  const hid_t *variable = library ? dlsym(library, name) : 0;
  return variable ? *variable : -1;
}

// A function that calls the library's of the same name and parameters; -1, which is failure for all of
// them, where there is none.
#define FORWARD(result, name, parameters, arguments)                 \
  result chdf5_##name parameters {                                   \
    result(*function) parameters = library ? dlsym(library, #name) : 0; \
    return function ? function arguments : -1;                       \
  }

FORWARD(hid_t, H5Acreate2,
        (hid_t object, const char *name, hid_t type, hid_t space, hid_t creation, hid_t access),
        (object, name, type, space, creation, access))
FORWARD(herr_t, H5Awrite, (hid_t attribute, hid_t type, const void *elements),
        (attribute, type, elements))
FORWARD(hid_t, H5Dcreate2,
        (hid_t group, const char *name, hid_t type, hid_t space, hid_t linking, hid_t creation,
         hid_t access),
        (group, name, type, space, linking, creation, access))
FORWARD(herr_t, H5Dwrite,
        (hid_t dataset, hid_t type, hid_t memory, hid_t file, hid_t transfer,
         const void *elements),
        (dataset, type, memory, file, transfer, elements))
FORWARD(herr_t, H5Eset_auto2, (hid_t stack, void *function_, void *data), (stack, function_, data))
FORWARD(herr_t, H5Ewalk2,
        (hid_t stack, H5E_direction_t direction, H5E_walk2_t function_, void *data),
        (stack, direction, function_, data))
FORWARD(hid_t, H5Fcreate, (const char *name, unsigned flags, hid_t creation, hid_t access),
        (name, flags, creation, access))
FORWARD(herr_t, H5Fflush, (hid_t object, H5F_scope_t scope), (object, scope))
FORWARD(ssize_t, H5Fget_file_image, (hid_t file, void *bytes, size_t length),
        (file, bytes, length))
FORWARD(herr_t, H5Fget_vfd_handle, (hid_t file, hid_t access, void **handle),
        (file, access, handle))
FORWARD(hid_t, H5Gcreate2,
        (hid_t group, const char *name, hid_t linking, hid_t creation, hid_t access),
        (group, name, linking, creation, access))
FORWARD(int, H5Idec_ref, (hid_t object), (object))
FORWARD(hid_t, H5Pcreate, (hid_t list_class), (list_class))
FORWARD(herr_t, H5Pset_fapl_core, (hid_t list, size_t increment, bool backing),
        (list, increment, backing))
FORWARD(herr_t, H5Pset_libver_bounds, (hid_t list, H5F_libver_t low, H5F_libver_t high),
        (list, low, high))
FORWARD(herr_t, H5Pset_obj_track_times, (hid_t list, bool track), (list, track))
FORWARD(hid_t, H5Screate, (H5S_class_t kind), (kind))
FORWARD(hid_t, H5Screate_simple, (int rank, const hsize_t *extents, const hsize_t *largest),
        (rank, extents, largest))
FORWARD(hid_t, H5Tcopy, (hid_t type), (type))
FORWARD(hid_t, H5Tcreate, (H5T_class_t kind, size_t size), (kind, size))
FORWARD(hid_t, H5Tenum_create, (hid_t base), (base))
FORWARD(herr_t, H5Tenum_insert, (hid_t type, const char *name, const void *value),
        (type, name, value))
FORWARD(herr_t, H5Tset_cset, (hid_t type, H5T_cset_t characters), (type, characters))
FORWARD(herr_t, H5Tset_ebias, (hid_t type, size_t bias), (type, bias))
FORWARD(herr_t, H5Tset_fields,
        (hid_t type, size_t sign, size_t exponent, size_t exponent_size, size_t fraction,
         size_t fraction_size),
        (type, sign, exponent, exponent_size, fraction, fraction_size))
FORWARD(herr_t, H5Tset_size, (hid_t type, size_t size), (type, size))
FORWARD(herr_t, H5Tset_strpad, (hid_t type, H5T_str_t padding), (type, padding))
FORWARD(herr_t, H5Tset_tag, (hid_t type, const char *tag), (type, tag))
