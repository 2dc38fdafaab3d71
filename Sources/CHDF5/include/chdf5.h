// The functions of libhdf5 that writing calls, each with its name in the library. The library is
// loaded when the first file is written, since it and what it loads in turn (curl, OpenSSL, Kerberos)
// would take longer to start than most commands take to run. So nothing is linked, and its header is
// not needed: the declarations are those of the 1.10 series, which later ones kept.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef int64_t hid_t;
typedef int herr_t;
typedef uint64_t hsize_t;

typedef enum { H5F_LIBVER_EARLIEST = 0, H5F_LIBVER_V18 = 1 } H5F_libver_t;
typedef enum { H5F_SCOPE_GLOBAL = 1 } H5F_scope_t;
typedef enum { H5S_SCALAR = 0, H5S_NULL = 2 } H5S_class_t;
typedef enum { H5T_OPAQUE = 5 } H5T_class_t;
typedef enum { H5T_STR_NULLPAD = 1 } H5T_str_t;
typedef enum { H5T_CSET_ASCII = 0, H5T_CSET_UTF8 = 1 } H5T_cset_t;
typedef enum { H5E_WALK_DOWNWARD = 1 } H5E_direction_t;

#define H5E_DEFAULT 0
#define H5F_ACC_TRUNC 2
#define H5P_DEFAULT 0
#define H5S_ALL 0

typedef struct {
  hid_t cls_id, maj_num, min_num;
  unsigned line;
  const char *func_name, *file_name, *desc;
} H5E_error2_t;
typedef herr_t (*H5E_walk2_t)(unsigned n, const H5E_error2_t *error, void *data);

// Loads the library unless that is done; null, or why it cannot be. One thread at a time. Before it
// has worked, every function below fails.
const char *chdf5_load(void);

hid_t chdf5_H5Acreate2(hid_t object, const char *name, hid_t type, hid_t space, hid_t creation,
                       hid_t access);
herr_t chdf5_H5Awrite(hid_t attribute, hid_t type, const void *elements);
hid_t chdf5_H5Dcreate2(hid_t group, const char *name, hid_t type, hid_t space, hid_t linking,
                       hid_t creation, hid_t access);
herr_t chdf5_H5Dwrite(hid_t dataset, hid_t type, hid_t memory, hid_t file, hid_t transfer,
                      const void *elements);
herr_t chdf5_H5Eset_auto2(hid_t stack, void *function, void *data);
herr_t chdf5_H5Ewalk2(hid_t stack, H5E_direction_t direction, H5E_walk2_t function, void *data);
hid_t chdf5_H5Fcreate(const char *name, unsigned flags, hid_t creation, hid_t access);
herr_t chdf5_H5Fflush(hid_t object, H5F_scope_t scope);
ssize_t chdf5_H5Fget_file_image(hid_t file, void *bytes, size_t length);
herr_t chdf5_H5Fget_vfd_handle(hid_t file, hid_t access, void **handle);
hid_t chdf5_H5Gcreate2(hid_t group, const char *name, hid_t linking, hid_t creation, hid_t access);
int chdf5_H5Idec_ref(hid_t object);
hid_t chdf5_H5Pcreate(hid_t list_class);
herr_t chdf5_H5Pset_fapl_core(hid_t list, size_t increment, bool backing);
herr_t chdf5_H5Pset_libver_bounds(hid_t list, H5F_libver_t low, H5F_libver_t high);
herr_t chdf5_H5Pset_obj_track_times(hid_t list, bool track);
hid_t chdf5_H5Screate(H5S_class_t kind);
hid_t chdf5_H5Screate_simple(int rank, const hsize_t *extents, const hsize_t *largest);
hid_t chdf5_H5Tcopy(hid_t type);
hid_t chdf5_H5Tcreate(H5T_class_t kind, size_t size);
hid_t chdf5_H5Tenum_create(hid_t base);
herr_t chdf5_H5Tenum_insert(hid_t type, const char *name, const void *value);
herr_t chdf5_H5Tset_cset(hid_t type, H5T_cset_t characters);
herr_t chdf5_H5Tset_ebias(hid_t type, size_t bias);
herr_t chdf5_H5Tset_fields(hid_t type, size_t sign, size_t exponent, size_t exponent_size,
                           size_t fraction, size_t fraction_size);
herr_t chdf5_H5Tset_size(hid_t type, size_t size);
herr_t chdf5_H5Tset_strpad(hid_t type, H5T_str_t padding);
herr_t chdf5_H5Tset_tag(hid_t type, const char *tag);

// The value of one of the library's variables, which its macros for types and for classes of property
// lists stand for: "H5T_STD_I8LE_g".
hid_t chdf5_variable(const char *name);
