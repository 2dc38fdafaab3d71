/// Where a test finds what lies outside the package: the repository's folders, the real checkpoints
/// and reviews beside it, and the Python that has the real Keras.
public import Foundation

public enum Surroundings {
  /// The root of the repository.
  public static let repository = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The `fixtures` folder of the repository.
  public static let fixtures = repository.appending(path: "fixtures")

  /// The folder of shared test material beside the repository, or nil where it is absent.
  public static let shared = existing(repository.appending(path: "../shared").standardizedFileURL)

  /// The real checkpoints with reference outputs, or nil where they are absent.
  public static let corpus = shared.flatMap { existing($0.appending(path: "corpus")) }

  /// The 5,000 real IMDB reviews, or nil where they are absent.
  public static let imdb5k = shared.flatMap { existing($0.appending(path: "data/imdb5k.npz")) }

  /// The Python interpreter with keras, tensorflow and tf_keras: `KERATIN_PYTHON` when it is set,
  /// else the one that `make test` installs, else nil.
  public static let kerasPython: URL? = {
    if let path = ProcessInfo.processInfo.environment["KERATIN_PYTHON"], !path.isEmpty {
      return existing(URL(filePath: path))
    }
    return existing(repository.appending(path: ".venv/bin/python"))
  }()

  private static func existing(_ url: URL) -> URL? {
    FileManager.default.fileExists(atPath: url.path) ? url : nil
  }
}
