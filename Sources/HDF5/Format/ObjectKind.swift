/// What an object is: told, as libhdf5 tells it, by the messages that its header has.
enum ObjectKind: Sendable {
  case group
  case dataset(Datatype, Dataspace)
  case datatype

  init(_ source: Source, of header: ObjectHeader) throws {
    typealias MessageType = ObjectHeader.MessageType
    if header.first(MessageType.symbolTable) != nil || header.first(MessageType.linkInfo) != nil {
      self = .group
      return
    }
    guard let typeMessage = header.first(MessageType.datatype) else {
      throw HDF5Error(
        .malformed(structure: .objectHeader, fault: "it is no group, dataset or datatype"),
        at: .init(file: source.bytes.name, offset: header.address))
    }
    guard let spaceMessage = header.first(MessageType.dataspace) else {
      self = .datatype
      return
    }
    var type = try source.cursor(.datatype, of: typeMessage)
    var space = try source.cursor(.dataspace, of: spaceMessage)
    let datatype = try Datatype(&type)
    try source.charge(metadata: Limits.attributeCost + datatype.rememberedCost)
    self = .dataset(datatype, try Dataspace(&space))
  }
}
