// What Swift cannot import from hdf5.h, each with its reason; no logic.
#pragma once
#include <hdf5.h>
