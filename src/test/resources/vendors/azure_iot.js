// What azure-iot-device does at the stand-in for Azure IoT Hub: azure_iot.js STRING CA PORT tcp|ws
const fs = require("fs");
const tls = require("tls");
const [string, ca, port, transport] = process.argv.slice(2);

// The ports of this client are fixed.
const connect = tls.connect;
tls.connect = (options, ...more) => connect.call(tls, { ...options, port: Number(port) }, ...more);

const { Client, Message } = require("azure-iot-device");
const { Mqtt, MqttWs } = require("azure-iot-device-mqtt");

const client = Client.fromConnectionString(string, transport === "ws" ? MqttWs : Mqtt);

async function main() {
  await client.setOptions({ ca: fs.readFileSync(ca, "ascii") });
  await client.open();
  const received = new Promise((done) => client.on("message", done));
  client.onDeviceMethod("ping", (request, response) =>
    response.send(200, { name: request.methodName, sent: request.payload }, () => {}));
  const message = new Message('{"n":1}');
  message.messageId = `node-${transport}`;
  message.contentType = "application/json";
  message.contentEncoding = "utf-8";
  message.properties.add("kind", "sdk");
  await client.sendEvent(message);
  const twin = await client.getTwin();
  const patched = new Promise((done) => twin.on("properties.desired", (patch) => patch.fan && done(patch)));
  await new Promise((done, failed) =>
    twin.properties.reported.update({ period: 5 }, (error) => (error ? failed(error) : done())));
  console.log("ready");
  const command = await received;
  if (command.data.toString() !== "to the device") throw new Error(command.data.toString());
  await client.complete(command);
  const patch = await patched;
  if (patch.fan !== 1) throw new Error(JSON.stringify(patch));
  await new Promise((done) => process.stdin.once("data", done));
  await client.close();
  console.log("done");
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
