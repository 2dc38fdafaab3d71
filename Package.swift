// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(
    name: name, dependencies: ["TestSupport"] + dependencies, exclude: exclude,
    swiftSettings: settings)
}

let package = Package(
  name: "Keratin",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Keratin", targets: ["Keratin"]),
    .executable(name: "h5tool", targets: ["h5tool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // C libraries
    .target(
      name: "CHDF5", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(
      name: "CKernels",
      cSettings: [.define("ACCELERATE_NEW_LAPACK", .when(platforms: [.macOS]))],
      linkerSettings: [
        .linkedLibrary("dl", .when(platforms: [.linux])),
        .linkedLibrary("m", .when(platforms: [.linux])),
        .linkedFramework("Accelerate", .when(platforms: [.macOS])),
      ]),

    // From bytes to tensors, in the order of the line
    module("Tensors"),
    module("DurableFiles"),
    module("Kernels", ["CKernels", "Tensors"]),
    module("Archive", ["CZlib"]),
    module("HDF5", ["CHDF5", "CZlib", "DurableFiles", "Tensors"]),
    module("KerasCheckpoint", ["HDF5", "Tensors"]),
    module("Engine", ["Kernels", "Tensors"]),
    module("ModelGraph", ["Engine", "KerasCheckpoint", "Kernels", "Tensors"]),
    module("Datasets", ["Archive", "Tensors"]),
    module(
      "Training",
      ["DurableFiles", "Engine", "KerasCheckpoint", "Kernels", "ModelGraph", "Tensors"]),
    module(
      "Keratin",
      ["Datasets", "Engine", "HDF5", "KerasCheckpoint", "ModelGraph", "Tensors", "Training"]),

    command(
      "h5tool",
      [
        "Keratin", "DurableFiles", "HDF5",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    command("ReviewClassifier", ["Keratin"]),

    // Tests
    .target(
      name: "TestSupport", dependencies: ["Tensors"], path: "Tests/TestSupport",
      swiftSettings: settings),
    .executableTarget(
      name: "conform", dependencies: ["Keratin"], path: "Tests/Conformance", exclude: ["Python"],
      swiftSettings: settings),
    tests("ConformanceTests", ["conform"]),
    tests("TensorsTests", ["Tensors"]),
    tests("DurableFilesTests", ["DurableFiles"]),
    tests("HDF5Tests", ["HDF5", "Tensors"]),
    tests("ArchiveTests", ["Archive"]),
    tests("DatasetsTests", ["Datasets", "Tensors"]),
    tests("KerasCheckpointTests", ["KerasCheckpoint", "HDF5", "Tensors"], exclude: ["Python"]),
    tests("EngineTests", ["Engine", "Kernels", "Tensors"]),
    tests(
      "ModelGraphTests", ["ModelGraph", "Datasets", "Engine", "KerasCheckpoint", "Tensors"],
      exclude: ["Python"]),
    tests(
      "TrainingTests", ["Training", "ModelGraph", "KerasCheckpoint", "Engine", "Tensors"],
      exclude: ["Python"]),
    tests("KeratinTests", ["Keratin", "Datasets", "KerasCheckpoint", "HDF5", "Tensors"]),
    tests("h5toolTests", ["Keratin", "h5tool"], exclude: ["Snapshots"]),
  ],
  swiftLanguageModes: [.v6]
)
