"""What azure-iot-device does at the stand-in for Azure IoT Hub: azure_iot.py STRING CA PORT tcp|ws"""
import queue
import socket
import sys

from azure.iot.device import IoTHubDeviceClient, Message, MethodResponse

STRING, CA, PORT, TRANSPORT = sys.argv[1:]
SECONDS = 15
connect = socket.create_connection


def redirected(address, *more, **options):
    """The ports of this client are fixed."""
    return connect((address[0], int(PORT)) if address[1] in (443, 8883) else address, *more, **options)


socket.create_connection = redirected

with open(CA, encoding="ascii") as file:
    client = IoTHubDeviceClient.create_from_connection_string(
        STRING, server_verification_cert=file.read(), websockets=TRANSPORT == "ws",
        connection_retry=False)
messages, patches = queue.Queue(), queue.Queue()


def answer(request):
    client.send_method_response(MethodResponse.create_from_method_request(
        request, 200, {"name": request.name, "sent": request.payload}))


client.connect()
client.on_message_received = messages.put
client.on_twin_desired_properties_patch_received = patches.put
client.on_method_request_received = answer
message = Message('{"n":1}', message_id=f"python-{TRANSPORT}", content_type="application/json",
                  content_encoding="utf-8")
message.custom_properties["kind"] = "sdk"
client.send_message(message)
client.patch_twin_reported_properties({"period": 5})
assert client.get_twin()["reported"]["period"] == 5
print("ready", flush=True)
assert messages.get(timeout=SECONDS).data == b"to the device"
assert patches.get(timeout=SECONDS)["fan"] == 1
sys.stdin.readline()
client.shutdown()
print("done")
