// Fills letters with easy-template-x, as its manual says, for node.py beside this file.
//   node easy_template_x.cjs PACKAGE TEMPLATE DATA
// Each line of standard input is an order, each line of standard output its answer:
//   {"letters": 200}              -> {"seconds": 0.41}
//   {"save": "a.docx", "index": 3} -> {"seconds": 0}
const fs = require("fs");
const readline = require("readline");

const [folder, template, data] = process.argv.slice(2);
const { TemplateHandler } = require(folder);
const file = fs.readFileSync(template);
const letters = JSON.parse(fs.readFileSync(data, "utf8"));
const handler = new TemplateHandler();

async function fill(count) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i++) {
    await handler.process(file, letters[i % letters.length]);
  }
  return Number(process.hrtime.bigint() - start) / 1e9;
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const order = JSON.parse(line);
    let seconds = 0;
    if (order.save) {
      fs.writeFileSync(order.save, await handler.process(file, letters[order.index]));
    } else {
      seconds = await fill(order.letters);
    }
    process.stdout.write(JSON.stringify({ seconds }) + "\n");
  }
}

main();
