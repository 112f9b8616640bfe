# The runtime: docker build -t cloud-iot-routes .
# The stand-in clouds: docker build --target sandbox -t cloud-iot-routes-sandbox .
# With podman, add --format docker; otherwise there is no HEALTHCHECK.
ARG MAVEN_IMAGE=docker.io/library/maven:3.9-eclipse-temurin-25
ARG JRE_IMAGE=docker.io/library/eclipse-temurin:25-jre
# bash and the C library come from the first; certificates, time zones and users from the second.
ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/static-debian12

FROM ${MAVEN_IMAGE} AS build
WORKDIR /source
COPY . .
# PROFILES=pubsub adds the gateway pubsub, whose client doubles the size of lib/.
ARG PROFILES=
RUN --mount=type=cache,target=/root/.m2 mvn -B -ntp -q -DskipTests ${PROFILES:+-P$PROFILES} package
# The path is the same as in the image, because the cache of loaded classes depends on the paths of the jars.
ARG CLASS_CACHE=yes
RUN tools/image /opt/cloud-iot-routes && mkdir /data /sandbox

FROM build AS sandbox-build
RUN --mount=type=cache,target=/root/.m2 \
  mvn -B -ntp -q dependency:copy-dependencies -DincludeScope=test -DoutputDirectory=target/test-lib

FROM ${JRE_IMAGE} AS sandbox
WORKDIR /app
COPY docs/aws-policy.json docs/
COPY --from=sandbox-build /source/target/test-lib lib
COPY --from=sandbox-build /source/target/classes classes
COPY --from=sandbox-build /source/target/test-classes test-classes
COPY --from=sandbox-build --chown=10001:10001 /sandbox /sandbox
USER 10001:10001
# The host name that clients use and that the certificates contain.
ENV SANDBOX_HOST=sandbox SANDBOX_DIRECTORY=/sandbox
VOLUME /sandbox
EXPOSE 1883 8883 8884 8885 8886
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s \
  CMD ["bash", "-c", "test -f /sandbox/ready && exec 3<>/dev/tcp/127.0.0.1/8886"]
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", \
  "-Dio.netty.noUnsafe=true", "-cp", "test-classes:classes:lib/*", "routes.sandbox.CloudsContainer"]

# Only bash, because the health check needs neither curl nor a second JVM, and the libraries that bash and Java link to.
FROM ${DEBIAN_IMAGE} AS shell
RUN mkdir /shell && \
  cp --parents -L /bin/bash /lib/*/libtinfo.so.6 /lib/*/lib[cm].so.6 /lib/*/libdl.so.2 /lib/*/libresolv.so.2 \
    /lib/*/libpthread.so.0 /lib/*/librt.so.1 /lib*/ld-linux* /shell/

FROM ${BASE_IMAGE} AS runtime
LABEL org.opencontainers.image.title=cloud-iot-routes \
  org.opencontainers.image.description="Sends a host's metrics through NATS to the IoT endpoint of any cloud" \
  org.opencontainers.image.licenses=Apache-2.0
COPY --from=shell /shell /
COPY --from=build /opt/cloud-iot-routes/java /opt/cloud-iot-routes/java
COPY --from=build /opt/cloud-iot-routes/app /opt/cloud-iot-routes/app
COPY --from=build /opt/cloud-iot-routes/routes /routes
COPY --from=build --chown=10001:10001 /data /data
USER 10001:10001
WORKDIR /opt/cloud-iot-routes/app
ENV ROUTES_DIRECTORY=/routes DATA_DIRECTORY=/data HTTP_HOST=0.0.0.0 HTTP_INSECURE=true
VOLUME /routes /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["/opt/cloud-iot-routes/app/healthcheck"]
ENTRYPOINT ["/opt/cloud-iot-routes/java/bin/java", "@/opt/cloud-iot-routes/app/jvm.options", \
  "-jar", "/opt/cloud-iot-routes/app/cloud-iot-routes.jar"]
