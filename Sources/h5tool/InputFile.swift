/// What the user gives where a file is read.

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Tells a file of the wrong kind by its first bytes, so that a mix-up of arguments is named as one.
/// Whether a file of the right kind is whole is for its reader to say.
enum InputFile {
  /// What a file is expected to be.
  enum Role: String {
    case checkpoint = "a checkpoint (.h5)"
    case hdf5 = "an HDF5 file"
    case array = "a numpy array (.npy)"
    case arrays = "an archive of arrays (.npz)"
    case data = "labelled data (.npz)"
    case wordIndex = "a word index (.json)"
  }

  private enum Kind: String {
    case hdf5 = "an HDF5 file"
    case npy = "a numpy array (.npy)"
    case zip = "a zip archive, as .npz and .keras files are"
    case empty = "an empty file"
    case folder = "a folder"
    case other = "another file"
  }

  /// - Throws: `CommandError` where there is no file, or one that is something else for certain.
  static func check(_ path: String, as role: Role) throws {
    guard !path.isEmpty else {
      throw CommandError("The path of \(role.rawValue) is empty; give one.")
    }
    guard FileManager.default.fileExists(atPath: path) else {
      // Swift has put U+FFFD for what it could not read of the command line.
      throw CommandError(
        path.contains("\u{FFFD}")
          ? "\(path): names that are not UTF-8 cannot be opened; rename the file."
          : "\(path): there is no such file; check the path.")
    }
    let kind = kind(of: path)
    guard kind != .folder else {
      let advice =
        FileManager.default.fileExists(atPath: path + "/saved_model.pb")
        ? "this is a SavedModel, which is not read; save the model as .h5."
        : "this is a folder, and \(role.rawValue) is expected; name a file."
      throw CommandError("\(path): \(advice)")
    }
    if let remedy = remedy(for: kind, as: role, path) {
      throw CommandError(
        "\(path): this is \(kind.rawValue), and \(role.rawValue) is expected; \(remedy).")
    }
  }

  private static func kind(of path: String) -> Kind {
    let location = URL(filePath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: location)
    let type = attributes?[.type] as? FileAttributeType
    if type == .typeDirectory { return .folder }
    // What cannot be opened, and devices and pipes, are left to the reader.
    guard type == .typeRegular, let start = start(of: path) else { return .other }
    guard !start.isEmpty else { return .empty }
    if start.starts(with: [0x89] + "HDF\r\n\u{1A}\n".utf8) { return .hdf5 }
    if start.starts(with: [0x93] + "NUMPY".utf8) { return .npy }
    if start.starts(with: "PK\u{3}\u{4}".utf8) { return .zip }
    return .other
  }

  /// The first bytes of a file; nil where it cannot be opened.
  private static func start(of path: String) -> [UInt8]? {
    // SAFETY: Swift holds the path for the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 8)
    // SAFETY: the system writes at most the array's 8 bytes.
    let count = unsafe read(descriptor, &bytes, bytes.count)
    return Array(bytes.prefix(max(0, count)))
  }

  /// What to do about a file of this kind in this role; nil where it may be right.
  private static func remedy(for kind: Kind, as role: Role, _ path: String) -> String? {
    switch (role, kind) {
    case (_, .other), (.checkpoint, .hdf5), (.hdf5, .hdf5), (.array, .npy), (.data, .zip),
      (.arrays, .zip):
      nil
    // The reader of checkpoints knows where empty ones come from.
    case (.checkpoint, .empty), (.hdf5, .empty): nil
    case (.checkpoint, .zip) where path.hasSuffix(".keras"): "save the model as .h5 with Keras"
    case (.checkpoint, .zip), (.checkpoint, .npy): "check the order of the arguments"
    case (.data, .npy): #"put x and y together with numpy.savez("data.npz", x=x, y=y)"#
    case (.array, .zip): "give it a name that ends with .npz"
    case (.arrays, .npy): "give it a name that ends with .npy"
    case (_, .empty): "make or download it again"
    default: "check the order of the arguments"
    }
  }
}
