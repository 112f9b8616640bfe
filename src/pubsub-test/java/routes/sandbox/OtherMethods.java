package routes.sandbox;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.Empty;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;

/** Refuses, by name, the methods of Pub/Sub that the sandbox does not support. */
final class OtherMethods {
  /** Ignores the messages of a call that has been refused. */
  private static final class Deaf extends ServerCall.Listener<Empty> {}

  private OtherMethods() {}

  /**
   * @param known the one supported method, which is added elsewhere
   */
  static void addTo(
      ServerServiceDefinition.Builder service, ServiceDescriptor described, String known) {
    for (MethodDescriptor method : described.getMethods()) {
      String name = described.getFullName() + "/" + method.getName();
      if (!name.equals(known)) {
        service.addMethod(
            descriptor(name),
            (call, headers) -> {
              String why = "the sandbox publishes and does nothing else: not " + name;
              call.close(Status.UNIMPLEMENTED.withDescription(why), new Metadata());
              return new Deaf();
            });
      }
    }
  }

  private static io.grpc.MethodDescriptor<Empty, Empty> descriptor(String name) {
    return io.grpc.MethodDescriptor.<Empty, Empty>newBuilder()
        .setType(MethodType.UNKNOWN)
        .setFullMethodName(name)
        .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
        .setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
        .build();
  }
}
