// What Swift cannot import from hdf5.h, each with its reason; no logic.
#pragma once
#include <hdf5.h>

// Types and property-list classes are macros that call H5open and then read a global variable:
// Swift imports neither the macro nor, under its concurrency checks, the variable.
static inline hid_t chdf5_type_int8(void) { return H5T_STD_I8LE; }
static inline hid_t chdf5_type_int16(void) { return H5T_STD_I16LE; }
static inline hid_t chdf5_type_int32(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_type_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_type_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_type_uint16(void) { return H5T_STD_U16LE; }
static inline hid_t chdf5_type_uint32(void) { return H5T_STD_U32LE; }
static inline hid_t chdf5_type_uint64(void) { return H5T_STD_U64LE; }
static inline hid_t chdf5_type_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_type_float64(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_type_c_string(void) { return H5T_C_S1; }
static inline hid_t chdf5_class_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_class_dataset_create(void) { return H5P_DATASET_CREATE; }

// A macro with a cast.
static inline size_t chdf5_variable_length(void) { return H5T_VARIABLE; }

// A macro of two comma expressions and a number.
static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }
