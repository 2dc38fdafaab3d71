import DurableFiles

extension WritingError: CustomStringConvertible {
  /// One sentence: where, what was expected, what was found, what to do.
  public var description: String {
    if case .file(let error) = kind { return error.description }
    let place =
      switch (file, object.isEmpty) {
      case (let file?, true): "\(file): "
      case (let file?, false): "\(file), at \(object): "
      case (nil, true): ""
      case (nil, false): "At \(object): "
      }
    return place + sentence
  }

  private var sentence: String {
    switch kind {
    case .invalidName(let name):
      "\"\(name)\" cannot be a name in an HDF5 file; use one that is not empty, not \".\" and has "
        + "no slash or NUL."
    case .nameTaken:
      "this name is used twice; give each object and attribute a name of its own."
    case .notAGroup(let name):
      "\"\(name)\" is a dataset, so nothing can be put under it."
    case .tooDeep(let limit):
      "groups are nested deeper than \(limit); shorten the path."
    case .attributeTooLarge(let name, let bytes, let limit):
      "the attribute \"\(name)\" has \(bytes) bytes, and an HDF5 attribute holds less than "
        + "\(limit); split it over several attributes or store it as a dataset."
    case .stringContainsNUL(let attribute):
      "a string of the attribute \"\(attribute)\" contains the character NUL, which ends an HDF5 "
        + "string; remove it."
    case .stringTooLong(let attribute, let bytes, let length):
      "a string of the attribute \"\(attribute)\" has \(bytes) bytes, and the length asked for is "
        + "\(length)."
    case .noLength(let attribute):
      "the attribute \"\(attribute)\" is to have a type of no bytes, which HDF5 does not know."
    case .noLibrary(let reason):
      "libhdf5, which writes HDF5 files, cannot be loaded: \(reason); install Debian's libhdf5-dev or "
        + "Homebrew's hdf5."
    case .library(let operation, let stack):
      "libhdf5 failed at \(operation)"
        + (stack.isEmpty ? "." : ": " + stack.joined(separator: "; ") + ".")
    case .file(let error):
      error.description
    }
  }
}
