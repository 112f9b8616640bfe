"""What awsiotsdk does at the stand-in for AWS IoT Core: aws_iot.py HOST PORT CA CERTIFICATE KEY"""
import json
import queue
import sys
from concurrent.futures import Future

from awscrt import mqtt, mqtt5
from awscrt.mqtt_request_response import ClientOptions
from awsiot import iotjobs, iotshadow, mqtt5_client_builder, mqtt_connection_builder

HOST, PORT, CA, CERTIFICATE, KEY = sys.argv[1:]
THING = "edge-1"
TOPIC = f"devices/{THING}/sdk"
SECONDS = 15
FILES = dict(endpoint=HOST, port=int(PORT), ca_filepath=CA, cert_filepath=CERTIFICATE, pri_key_filepath=KEY)


class Client:
    """A client of MQTT 5, connected."""

    def __init__(self, client_id, **options):
        self.received = queue.Queue()
        connected, self.stopped = Future(), Future()
        self.mqtt = mqtt5_client_builder.mtls_from_path(
            client_id=client_id,
            on_publish_received=lambda event: self.received.put(event.publish_packet),
            on_lifecycle_connection_success=connected.set_result,
            on_lifecycle_connection_failure=lambda event: connected.set_exception(event.exception),
            on_lifecycle_stopped=self.stopped.set_result,
            **FILES, **options)
        self.mqtt.start()
        event = connected.result(SECONDS)
        self.limits, self.connack = event.negotiated_settings, event.connack_packet

    def subscribe(self, topic):
        filters = [mqtt5.Subscription(topic_filter=topic, qos=mqtt5.QoS.AT_LEAST_ONCE)]
        self.mqtt.subscribe(mqtt5.SubscribePacket(subscriptions=filters)).result(SECONDS)

    def publish(self, topic, payload, **options):
        packet = mqtt5.PublishPacket(topic=topic, payload=payload, qos=mqtt5.QoS.AT_LEAST_ONCE, **options)
        puback = self.mqtt.publish(packet).result(SECONDS).puback
        assert puback.reason_code == mqtt5.PubackReasonCode.SUCCESS, puback

    def expect(self, topic, payload):
        packet = self.received.get(timeout=SECONDS)
        assert (packet.topic, packet.payload) == (topic, payload), packet
        return packet

    def stop(self):
        self.mqtt.stop()
        self.stopped.result(SECONDS)


def limits(client):
    found = client.limits
    assert found.maximum_qos == mqtt5.QoS.AT_LEAST_ONCE, found
    assert found.receive_maximum_from_server == 100, found
    assert found.maximum_packet_size_to_server == 149504, found
    assert found.topic_alias_maximum_to_server == 8, found
    assert found.retain_available and found.shared_subscriptions_available, found
    assert found.wildcard_subscriptions_available and not found.subscription_identifiers_available, found


def telemetry(client):
    client.subscribe(f"devices/{THING}/#")
    aliased = Client("sdk-alias", topic_aliasing_options=mqtt5.TopicAliasingOptions(
        outbound_behavior=mqtt5.OutboundTopicAliasBehaviorType.LRU, outbound_cache_max_size=8))
    for n in range(12):
        aliased.publish(f"{TOPIC}{n % 9}", json.dumps({"n": n}))
        client.expect(f"{TOPIC}{n % 9}", json.dumps({"n": n}).encode())
    aliased.stop()


def retained(client):
    client.publish(f"{TOPIC}-kept", b"kept", retain=True)
    late = Client("sdk-late")
    late.subscribe(f"{TOPIC}-kept")
    assert late.expect(f"{TOPIC}-kept", b"kept").retain
    late.stop()


def sessions(client):
    def rejoining():
        return Client("sdk-away", session_behavior=mqtt5.ClientSessionBehaviorType.REJOIN_ALWAYS,
                      connect_options=mqtt5.ConnectPacket(client_id="sdk-away", session_expiry_interval_sec=60))
    away = rejoining()
    away.subscribe(f"{TOPIC}/away")
    away.stop()
    client.publish(f"{TOPIC}/away", b"x")
    back = rejoining()
    assert back.connack.session_present and back.limits.rejoined_session
    back.expect(f"{TOPIC}/away", b"x")
    back.stop()


def shadows(client, name):
    options = ClientOptions(max_request_response_subscriptions=4, max_streaming_subscriptions=2)
    service = iotshadow.IotShadowClientV2(client.mqtt, options)
    state = iotshadow.ShadowState(reported={"period": 5})
    if name is None:
        service.update_shadow(iotshadow.UpdateShadowRequest(thing_name=THING, state=state)).result(SECONDS)
        got = service.get_shadow(iotshadow.GetShadowRequest(thing_name=THING)).result(SECONDS)
        service.delete_shadow(iotshadow.DeleteShadowRequest(thing_name=THING)).result(SECONDS)
        missing = service.get_shadow(iotshadow.GetShadowRequest(thing_name=THING))
    else:
        named = dict(thing_name=THING, shadow_name=name)
        service.update_named_shadow(iotshadow.UpdateNamedShadowRequest(state=state, **named)).result(SECONDS)
        got = service.get_named_shadow(iotshadow.GetNamedShadowRequest(**named)).result(SECONDS)
        service.delete_named_shadow(iotshadow.DeleteNamedShadowRequest(**named)).result(SECONDS)
        missing = service.get_named_shadow(iotshadow.GetNamedShadowRequest(**named))
    assert got.state.reported == {"period": 5}, got
    assert missing.exception(SECONDS).modeled_error.code == 404


def jobs(client):
    options = ClientOptions(max_request_response_subscriptions=4, max_streaming_subscriptions=2)
    service = iotjobs.IotJobsClientV2(client.mqtt, options)
    pending = service.get_pending_job_executions(
        iotjobs.GetPendingJobExecutionsRequest(thing_name=THING)).result(SECONDS)
    assert not pending.queued_jobs and not pending.in_progress_jobs, pending
    update = service.update_job_execution(iotjobs.UpdateJobExecutionRequest(
        thing_name=THING, job_id="j1", status=iotjobs.JobStatus.SUCCEEDED))
    error = update.exception(SECONDS).modeled_error
    assert error.code == "ResourceNotFound" and "sandbox" in error.message, error


def older():
    """A client of MQTT 3.1.1."""
    received = queue.Queue()
    client = mqtt_connection_builder.mtls_from_path(client_id="sdk-three", clean_session=False, **FILES)
    client.connect().result(SECONDS)
    client.subscribe(f"{TOPIC}/three", mqtt.QoS.AT_LEAST_ONCE,
                     lambda topic, payload, **more: received.put(payload))[0].result(SECONDS)
    client.publish(f"{TOPIC}/three", b"3", mqtt.QoS.AT_LEAST_ONCE)[0].result(SECONDS)
    assert received.get(timeout=SECONDS) == b"3"
    client.disconnect().result(SECONDS)


main = Client("sdk-main")
limits(main)
telemetry(main)
main.stop()
main = Client("sdk-main")
retained(main)
sessions(main)
shadows(main, None)
shadows(main, "n")
jobs(main)
main.stop()
older()
print("done")
