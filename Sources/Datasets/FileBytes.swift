#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// All bytes of a file, mapped while they are copied.
///
/// - Throws: `DatasetsError`
func fileBytes(_ path: String) throws -> [UInt8] {
  try checkIsFile(path)
  do {
    return [UInt8](try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe))
  } catch {
    throw DatasetsError(.unreadable, at: DatasetsError.Location(file: path), cause: error)
  }
}

/// Throws where there is no file at this path, in clearer words than what opens it would.
func checkIsFile(_ path: String) throws {
  let location = DatasetsError.Location(file: path)
  guard FileManager.default.fileExists(atPath: path) else {
    throw DatasetsError(.missingFile, at: location)
  }
  // Only a folder holds itself under the name of a dot.
  guard !FileManager.default.fileExists(atPath: path + "/.") else {
    throw DatasetsError(.isDirectory, at: location)
  }
}
